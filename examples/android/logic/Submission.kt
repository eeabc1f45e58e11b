package org.linli.sample

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.linli.CommandId
import org.linli.Cure
import org.linli.LinliException
import org.linli.Problem
import org.linli.Receipt
import org.linli.Words
import org.linli.problemOf

/** How a command that was tapped stands. */
sealed interface Sending {
    data object Idle : Sending

    data object Busy : Sending

    /** Durable on this phone. */
    data class Done(val receipt: Receipt) : Sending

    /** Something speaks against it; [Submission.insist] sends it all the same. */
    data class Warned(val text: String) : Sending

    data class Failed(val problem: Problem) : Sending
}

/**
 * One command at a time, under an id of its own that stays the same until an answer has come: two taps, a retry and a
 * process that died in between write one event and no second.
 *
 * @param allTheSame the command as one that has happened already, which passes over warnings; `null` where there is none.
 */
class Submission<W>(
    private val scope: CoroutineScope,
    private val words: Words,
    private val allTheSame: (W) -> W? = { null },
    private val submit: suspend (CommandId, W) -> Receipt,
) {
    private val sending = MutableStateFlow<Sending>(Sending.Idle)
    val state: StateFlow<Sending> = sending.asStateFlow()

    private var under: Pair<CommandId, W>? = null

    /** Sends a command; while one is under way, nothing happens. */
    fun send(command: W, id: CommandId = CommandId.random()): Job? {
        if (sending.value == Sending.Busy) return null
        under = id to command
        return go()
    }

    /** The same again, under the same id. */
    fun retry(): Job? = if (under != null && sending.value is Sending.Failed) go() else null

    /** All the same, although something speaks against it. It is another command, so it has another id. */
    fun insist(): Job? {
        val command = under?.second?.let(allTheSame) ?: return null
        return if (sending.value is Sending.Warned) send(command) else null
    }

    /** The person has seen the answer. */
    fun seen() {
        if (sending.value != Sending.Busy) sending.value = Sending.Idle
    }

    private fun go(): Job? {
        val (id, command) = under ?: return null
        sending.value = Sending.Busy
        val sent = scope.launch {
            sending.value =
                try {
                    Sending.Done(submit(id, command))
                } catch (error: LinliException) {
                    answer(error, command)
                }
        }
        // One that was given up, perhaps before it began, keeps nobody from sending again.
        sent.invokeOnCompletion { if (it is CancellationException) sending.compareAndSet(Sending.Busy, Sending.Idle) }
        return sent
    }

    private fun answer(error: LinliException, command: W): Sending {
        val problem = problemOf(error)
        val warned = problem.cure == Cure.INSIST && allTheSame(command) != null
        return if (warned) Sending.Warned(words.explain(problem)) else Sending.Failed(problem)
    }
}
