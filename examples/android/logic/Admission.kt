package org.linli.sample

import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.linli.ByteSocket
import org.linli.InvitationCard
import org.linli.Inviting
import org.linli.InvitingState
import org.linli.Joining
import org.linli.JoiningState
import org.linli.Linli
import org.linli.LinliException
import org.linli.Node
import org.linli.NodeOptions
import org.linli.Offer
import org.linli.Role
import org.linli.Words
import org.linli.carry
import org.linli.connections
import org.linli.readInvitation
import org.linli.states

/** What the joining person's screen shows. */
sealed interface Join {
    /** The camera looks for an invitation; [problem] says what was wrong with the last one. */
    data class Scan(val problem: String? = null) : Join

    /** An invitation was read: the person says whether to ask. */
    data class Read(val card: InvitationCard) : Join

    data object Reaching : Join

    /** Both screens must show these. */
    data class Compare(val digits: String) : Join

    /** Admitted; what the community knows is on its way. */
    data object FirstSync : Join

    data object Done : Join
}

/** From scanning an invitation to a phone that belongs. */
class JoinModel(private val linli: Linli, private val scope: CoroutineScope, private val words: Words) {
    private val shown = MutableStateFlow<Join>(Join.Scan())
    val state: StateFlow<Join> = shown.asStateFlow()

    private var invitation = ""
    private var asking: Job? = null

    /** The camera has read something. It reads many times a second: only the first that is an invitation counts. */
    fun scanned(text: String) {
        if (shown.value !is Join.Scan) return
        shown.value =
            try {
                val card = readInvitation(text)
                invitation = text
                Join.Read(card)
            } catch (error: LinliException.NewerVersion) {
                Join.Scan(words.explain(error))
            } catch (_: LinliException) {
                Join.Scan(words.say("join.not_an_invitation"))
            }
    }

    /** Asks over the network the phones share. */
    fun ask() = go { joining -> overNetwork(joining) }

    /** Asks over a pipe of the app's own, and syncs over another one to the same phone. */
    fun askOver(connect: suspend () -> ByteSocket) = go { joining -> overPipe(joining, connect) }

    fun giveUp() {
        asking?.cancel()
        shown.value = Join.Scan()
    }

    private fun go(run: suspend (Joining) -> Unit): Job? {
        if (shown.value !is Join.Read) return null
        shown.value = Join.Reaching
        return scope.launch {
            shown.value =
                try {
                    linli.ask { ask(invitation) }.use { joining -> run(joining) }
                    Join.Done
                } catch (failed: Failed) {
                    Join.Scan(failed.text)
                } catch (error: LinliException) {
                    Join.Scan(words.explain(error))
                } catch (_: TimeoutCancellationException) {
                    // Admitted all the same: what is lacking comes with the next phone that is met.
                    Join.Done
                }
        }.also { asking = it }
    }

    private suspend fun overNetwork(joining: Joining) {
        joining.startNode(emptyList()).used { untilJoined(joining) }
        linli.ask { startNode(NodeOptions(listen = null, nearby = false)) }.used { peer ->
            peer.dial(readInvitation(invitation).addresses, joining.peer())
            withTimeout(PATIENCE) { peer.connections().first { all -> all.any { it.inStep } } }
        }
    }

    /** Stops the node in the end, also if the person has given up meanwhile. */
    private suspend fun Node.used(run: suspend (Node) -> Unit) =
        use {
            try {
                run(it)
            } finally {
                withContext(NonCancellable) { it.stop() }
            }
        }

    private suspend fun overPipe(joining: Joining, connect: suspend () -> ByteSocket) {
        coroutineScope {
            val carrying = launch { joining.pipe().use { pipe -> connect().use { pipe.carry(it) } } }
            untilJoined(joining)
            carrying.cancel()
        }
        linli.ask { dialPipe(joining.peer()) }.use { pipe ->
            withTimeout(PATIENCE) { connect().use { pipe.carry(it) { state -> if (state.inStep) pipe.sayGoodbye() } } }
        }
    }

    private suspend fun untilJoined(joining: Joining) {
        val end =
            joining.states().first { state ->
                if (state is JoiningState.Comparing) shown.value = Join.Compare(state.digits)
                state is JoiningState.Joined || state is JoiningState.Failed
            }
        if (end is JoiningState.Failed) throw Failed(words.asked(end.code, end.reason))
        shown.value = Join.FirstSync
    }

    private class Failed(val text: String) : Exception(text)

    private companion object {
        val PATIENCE = 60.seconds
    }
}

/** What the inviting person's screen shows. */
sealed interface Invite {
    data object Idle : Invite

    /** A code to be scanned. */
    data class Show(val text: String) : Invite

    /** Do both screens show these? */
    data class Compare(val text: String, val digits: String) : Invite

    data object Admitted : Invite

    data class Over(val text: String) : Invite
}

/** Inviting somebody who stands next to one. */
class InviteModel(private val linli: Linli, private val scope: CoroutineScope, private val words: Words) {
    private val shown = MutableStateFlow<Invite>(Invite.Idle)
    val state: StateFlow<Invite> = shown.asStateFlow()

    private var laidOut: Inviting? = null

    /** @param addresses where this phone is reached, of its running node; none where only a pipe of the app's own will do. */
    fun invite(name: String, addresses: List<String>, role: Role = Role.VOLUNTEER) =
        scope.launch {
            try {
                linli.ask { invite(Offer(role, name = name), addresses) }.use { follow(it) }
            } catch (error: LinliException) {
                shown.value = Invite.Over(words.explain(error))
            }
        }

    private suspend fun follow(inviting: Inviting) {
        laidOut = inviting
        val text = inviting.text()
        inviting.states().collect { state ->
            shown.value =
                when (state) {
                    is InvitingState.Nothing -> Invite.Idle
                    is InvitingState.Open -> Invite.Show(text)
                    is InvitingState.Comparing -> Invite.Compare(text, state.digits)
                    is InvitingState.Admitted -> Invite.Admitted
                    is InvitingState.Over -> Invite.Over(words.ended(state.code))
                }
        }
    }

    /** The person has compared and says yes. */
    fun confirm() = decide { inviting -> (shown.value as? Invite.Compare)?.let { inviting.confirm(it.digits) } }

    fun refuse() = decide { it.refuse() }

    fun cancel() = decide { it.cancel() }

    private fun decide(run: suspend (Inviting) -> Unit) =
        scope.launch {
            try {
                laidOut?.let { run(it) }
            } catch (_: LinliException) {
                // How the invitation stands now is shown anyway.
            }
        }
}
