package org.linli.sample

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flatMapLatest
import kotlinx.coroutines.flow.stateIn
import org.linli.AlertCommand
import org.linli.AlertOnTop
import org.linli.Linli
import org.linli.LinliException
import org.linli.Phone
import org.linli.Reference
import org.linli.Words
import org.linli.cleanLine
import org.linli.sample.words.name
import org.linli.sample.words.of

/** Somebody who needs help, as it stands above every screen. */
data class HelpNeeded(
    val alert: Reference,
    val title: String,
    /** What is the matter, in the words of whoever called. */
    val text: String?,
    /** What to do now, in words. */
    val toDo: String,
    /** The number to dial. */
    val number: String,
)

/**
 * What stands above every screen until somebody acknowledges it. It is read again when an alert changes, and when time
 * alone makes one louder.
 *
 * @param scope lives as long as the app's screens.
 */
@OptIn(ExperimentalCoroutinesApi::class)
class OnTopModel(private val linli: Linli, scope: CoroutineScope, private val words: Words) {
    val state: StateFlow<List<HelpNeeded>> =
        linli.watch("alert", "settings", "roster") { read() }
            .flatMapLatest(::goOn)
            .catch { error ->
                // The screen below says what is the matter with the engine.
                if (error !is LinliException) throw error
                emit(emptyList())
            }
            .stateIn(scope, SharingStarted.WhileSubscribed(STOP_AFTER_MS), emptyList())

    private val sending =
        Submission(scope, words) { id, (alert, command): Pair<Reference, AlertCommand> -> linli.ask { submitAlert(id, command, alert) } }

    /** What became of an answer. */
    val sent: StateFlow<Sending> = sending.state

    /** This person has seen it and cares for it. */
    fun acknowledge(alert: Reference) = sending.send(alert to AlertCommand.Acknowledge)

    /** This person goes there. */
    fun respond(alert: Reference, etaMinutes: UShort?) = sending.send(alert to AlertCommand.Respond(etaMinutes))

    private class Shown(val all: List<HelpNeeded>, val louderIn: Duration?)

    private fun goOn(first: Shown): Flow<List<HelpNeeded>> =
        flow {
            var shown = first
            emit(shown.all)
            while (true) {
                delay(shown.louderIn ?: break)
                shown =
                    try {
                        linli.ask { read() }
                    } catch (_: LinliException.Suspended) {
                        // It is read anew when the phone wakes up.
                        break
                    }
                emit(shown.all)
            }
        }

    private suspend fun Phone.read(): Shown {
        if (member() == null) return Shown(emptyList(), null)
        val naming = words.of(this)
        return Shown(alertsOnTop().map { row(it, naming) }, nextEscalationMs()?.let { it.toLong().milliseconds + BEHIND })
    }

    private fun row(one: AlertOnTop, words: Words): HelpNeeded {
        val card = one.line.card
        val place = listOfNotNull(card.building, card.unit, card.room).joinToString("-")
        val parts = listOf(words.say("screen.help_needed"), words.word("what", card.what), place, words.name(card.raisedBy))
        return HelpNeeded(
            alert = card.alert,
            title = cleanLine(parts.filter { it.isNotEmpty() }.joinToString(" · ")),
            text = one.text?.let(::cleanLine),
            toDo = words.say("todo.${one.line.escalation.name.lowercase()}", mapOf("number" to one.emergencyNumber)),
            number = one.emergencyNumber,
        )
    }

    private companion object {
        const val STOP_AFTER_MS = 5_000L

        /** Behind the moment at which one gets louder: then it is. */
        val BEHIND = 100.milliseconds
    }
}
