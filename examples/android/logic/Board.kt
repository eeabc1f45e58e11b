package org.linli.sample

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.stateIn
import kotlinx.coroutines.flow.update
import org.linli.Linli
import org.linli.LinliException
import org.linli.MemberId
import org.linli.OrderFilter
import org.linli.OrderLine
import org.linli.OrderPart
import org.linli.OrderState
import org.linli.Phone
import org.linli.Position
import org.linli.Problem
import org.linli.Reference
import org.linli.Urgency
import org.linli.Words
import org.linli.cleanLine
import org.linli.problemOf
import org.linli.sample.words.name
import org.linli.sample.words.of

/** One order as the board shows it. */
data class OrderRow(
    val order: Reference,
    val title: String,
    val place: String,
    val status: String,
    val holder: String?,
    val urgent: Boolean,
    val mine: Boolean,
    val notes: List<String>,
)

/** What the board's screen shows. */
data class BoardState(
    val tab: Tab = Tab.OPEN,
    val rows: List<OrderRow> = emptyList(),
    val more: Boolean = false,
    val loading: Boolean = true,
    val problem: Problem? = null,
    /** What to say where something came that only a newer app reads. */
    val newer: String? = null,
)

/** The three boards that people switch between. */
enum class Tab { OPEN, MINE, CLOSED }

/**
 * The board: orders, most urgent first, read again whenever one of them changes.
 *
 * @param scope lives as long as the screen: a `viewModelScope`.
 */
@OptIn(ExperimentalCoroutinesApi::class)
class BoardModel(private val linli: Linli, scope: CoroutineScope, private val words: Words) {
    private data class Wanted(val tab: Tab = Tab.OPEN, val text: String = "", val pages: Int = 1, val tries: Int = 0)

    private val wanted = MutableStateFlow(Wanted())

    val state: StateFlow<BoardState> =
        wanted.flatMapLatest(::follow).stateIn(scope, SharingStarted.WhileSubscribed(STOP_AFTER_MS), BoardState())

    fun show(tab: Tab) = wanted.update { Wanted(tab, it.text) }

    fun search(text: String) = wanted.update { Wanted(it.tab, text) }

    /** The person has scrolled to the end. */
    fun more() = wanted.update { if (state.value.more) it.copy(pages = it.pages + 1) else it }

    fun retry() = wanted.update { it.copy(tries = it.tries + 1) }

    private fun follow(wanted: Wanted): Flow<BoardState> =
        linli.watch("order", "building", "newer") { pages(wanted) }
            .catch { error ->
                if (error !is LinliException) throw error
                emit(BoardState(wanted.tab, loading = false, problem = problemOf(error)))
            }

    /** As many pages as the person has scrolled through, each where the last one ended. */
    private suspend fun Phone.pages(wanted: Wanted): BoardState {
        val lines = ArrayList<OrderLine>()
        var after: Position? = null
        var read = 0
        do {
            val page = board(filter(wanted, after))
            lines += page.items
            after = page.next
            read++
        } while (after != null && read < wanted.pages)
        val naming = words.of(this)
        val unread = needsNewerApp()
        val newer = if (unread.any { it.protects }) "screen.newer_at_once" else "screen.newer"
        return BoardState(
            wanted.tab,
            lines.map { row(it, naming) },
            more = after != null,
            loading = false,
            newer = if (unread.isEmpty()) null else words.say(newer),
        )
    }

    private fun filter(wanted: Wanted, after: Position?) =
        OrderFilter(
            state = if (wanted.tab == Tab.CLOSED) OrderState.CLOSED else OrderState.OPEN,
            mine = if (wanted.tab == Tab.MINE) listOf(OrderPart.HOLDER, OrderPart.CONTENDER, OrderPart.OFFERED) else emptyList(),
            text = wanted.text.ifBlank { null },
            after = after,
            limit = PAGE,
        )

    private companion object {
        val PAGE = 50uL

        /** A turned screen subscribes again at once; whoever left the screen reads nothing any more. */
        const val STOP_AFTER_MS = 5_000L
    }
}

/** A line of the board in words. */
fun row(line: OrderLine, words: Words): OrderRow {
    val card = line.card
    val title = cleanLine(words.several(card.items.ifEmpty { listOf(words.word("kind", card.kind)) }))
    val notes = buildList {
        if (line.contestedWithMe) add(words.say("screen.contested_with_you")) else if (card.contested) add(words.say("screen.contested"))
        if (line.overdue) add(words.say("screen.overdue"))
        if (line.lapsed) add(words.say("screen.lapsed"))
        if (line.stale) add(words.say("screen.stale"))
        if (card.conflicts > 0uL || card.review > 0uL) add(words.say("screen.to_look_at"))
    }
    return OrderRow(
        order = line.order,
        title = title,
        place = cleanLine(listOfNotNull(card.building, card.unit, card.room).joinToString("-")),
        status = words.word("status.order", card.status.name.lowercase()),
        holder = card.holder?.let(words::name),
        urgent = card.urgency != Urgency.NORMAL,
        mine = OrderPart.HOLDER in line.mine,
        notes = notes,
    )
}
