package org.linli.sample

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.linli.CommandId
import org.linli.LinliException
import org.linli.Receipt
import org.linli.sample.words.Words

/** How a wish that was tapped stands. */
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
 * One wish at a time, under an id of its own that stays the same until an answer has come: two taps, a retry and a
 * process that died in between write one event and no second.
 *
 * @param allTheSame the wish as one that has happened already, which passes over warnings; `null` where there is none.
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

    /** Sends a wish; while one is under way, nothing happens. */
    fun send(wish: W, id: CommandId = CommandId.random()): Job? {
        if (sending.value == Sending.Busy) return null
        under = id to wish
        return go()
    }

    /** The same again, under the same id. */
    fun retry(): Job? = if (under != null && sending.value is Sending.Failed) go() else null

    /** All the same, although something speaks against it. It is another wish, so it has another id. */
    fun insist(): Job? {
        val wish = under?.second?.let(allTheSame) ?: return null
        return if (sending.value is Sending.Warned) send(wish) else null
    }

    /** The person has seen the answer. */
    fun seen() {
        if (sending.value != Sending.Busy) sending.value = Sending.Idle
    }

    private fun go(): Job? {
        val (id, wish) = under ?: return null
        sending.value = Sending.Busy
        val sent = scope.launch {
            sending.value =
                try {
                    Sending.Done(submit(id, wish))
                } catch (error: LinliException) {
                    answer(error, wish)
                }
        }
        // One that was given up, perhaps before it began, keeps nobody from sending again.
        sent.invokeOnCompletion { if (it is CancellationException) sending.compareAndSet(Sending.Busy, Sending.Idle) }
        return sent
    }

    private fun answer(error: LinliException, wish: W): Sending {
        val problem = words.problem(error)
        val warned = error is LinliException.Refused && error.warning && allTheSame(wish) != null
        return if (warned) Sending.Warned(problem.text) else Sending.Failed(problem)
    }
}
