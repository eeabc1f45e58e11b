package org.linli.sample

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.stateIn
import kotlinx.coroutines.launch
import org.linli.BoxAskFor
import org.linli.BoxOffer
import org.linli.BoxRoom
import org.linli.BoxTake
import org.linli.BoxWhen
import org.linli.BoxCommand
import org.linli.Linli
import org.linli.LinliException
import org.linli.LotDetail
import org.linli.Phone
import org.linli.Problem
import org.linli.Qty
import org.linli.Reference
import org.linli.Words
import org.linli.cleanLine
import org.linli.problemOf
import org.linli.sample.words.of
import org.linli.sample.words.review
import org.linli.sample.words.told

/** A lot of a box as its screen shows it. */
data class LotRow(
    val lot: Reference,
    val product: Reference?,
    val title: String,
    val stock: String,
    val goodUntil: String?,
    val keptBack: String?,
    val countAgain: Boolean,
)

/** What the screen of a box shows. */
data class BoxScreen(
    val place: String = "",
    val lots: List<LotRow> = emptyList(),
    val look: List<String> = emptyList(),
    val history: List<String> = emptyList(),
    val problem: Problem? = null,
)

/** What the box has of something, before anybody takes it. */
data class Offered(val ask: BoxAskFor, val enough: Boolean, val text: List<String>)

/** A medicine box: what is in it, what it offers, and taking of it. */
class BoxModel(private val linli: Linli, private val box: Reference, private val scope: CoroutineScope, private val words: Words) {
    // A recall or a class changes what a box offers, without a change of the box.
    val state: StateFlow<BoxScreen> =
        linli.watch("box", "product", "recall") { screen() }
            .catch { error ->
                if (error !is LinliException) throw error
                emit(BoxScreen(problem = problemOf(error)))
            }
            .stateIn(scope, SharingStarted.WhileSubscribed(STOP_AFTER_MS), BoxScreen())

    private val asked = MutableStateFlow<Offered?>(null)
    val offered: StateFlow<Offered?> = asked.asStateFlow()

    val sending = Submission(scope, words, ::allTheSame) { id, command: BoxCommand -> linli.ask { submitBox(id, command, box) } }

    /** Looks what there is: the lots that expire first, and what is kept back with the reason. */
    fun look(product: Reference, qty: Qty, unit: String?) =
        scope.launch {
            val ask = BoxAskFor(product, qty, unit)
            asked.value =
                try {
                    shown(ask, linli.ask { offer(box, ask) })
                } catch (error: LinliException) {
                    Offered(ask, enough = false, listOf(words.explain(error)))
                }
        }

    /** Takes what was looked at, for a room; never for a name. */
    fun take(room: BoxRoom?) =
        asked.value?.let { (ask) -> sending.send(BoxCommand.Take(BoxTake.Product(ask.product, ask.qty, ask.unit), room)) }

    private fun shown(ask: BoxAskFor, offer: BoxOffer): Offered {
        val picks = offer.picks.map { it.qty }
        val isEnough = offer.missing.toBigDecimal().signum() <= 0
        val missing = if (isEnough) emptyList() else listOf(words.say("screen.missing", mapOf("qty" to offer.missing)))
        val hidden = offer.hidden.map { words.say("screen.hidden", mapOf("why" to words.why(it.why))) }
        return Offered(ask, enough = isEnough, picks + missing + hidden)
    }

    private suspend fun Phone.screen(): BoxScreen {
        val detail = boxDetail(box)
        val naming = words.of(this, detail.names)
        return BoxScreen(
            place = cleanLine(listOfNotNull(detail.line.building, detail.line.place).joinToString(" ")),
            lots = detail.lots.filter { it.qty != "0" || it.uncertain }.map(::lot),
            look = detail.review.map(naming::review),
            history = detail.history.map { "${naming.time(it.wall)} ${naming.told("box", it)}" },
        )
    }

    private fun lot(lot: LotDetail) =
        LotRow(
            lot = lot.lot,
            product = lot.goods?.product,
            title = lot.product?.let(::cleanLine) ?: words.word("hidden", "unknown_lot"),
            stock = cleanLine("${lot.qty} ${lot.goods?.unit.orEmpty()}".trim()),
            goodUntil = lot.goods?.expiry?.let { words.say("screen.good_until", mapOf("day" to it)) },
            keptBack = lot.hidden?.let(words::why),
            countAgain = lot.uncertain,
        )

    private companion object {
        const val STOP_AFTER_MS = 5_000L
    }
}

/** The same command as one that has happened. A take that is over a limit needs a keeper's reason, and none is made up. */
internal fun allTheSame(command: BoxCommand): BoxCommand? {
    val happened = BoxWhen(alreadyHappened = true)
    return when (command) {
        is BoxCommand.Take -> command.copy(`when` = happened)
        is BoxCommand.Return -> command.copy(`when` = happened)
        is BoxCommand.Donate -> command.copy(`when` = happened)
        is BoxCommand.Discard -> command.copy(`when` = happened)
        is BoxCommand.Count -> command.copy(`when` = happened)
        is BoxCommand.Close -> command.copy(anyway = true)
        else -> null
    }
}
