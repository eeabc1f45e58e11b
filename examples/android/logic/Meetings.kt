package org.linli.sample

import java.io.IOException
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import org.linli.ByteSocket
import org.linli.DeviceId
import org.linli.Linli
import org.linli.LinliException
import org.linli.Peer
import org.linli.Pipe
import org.linli.PipeEnd
import org.linli.PipeState
import org.linli.Problem
import org.linli.carry
import org.linli.problemOf

/** How a meeting over a pipe went. */
sealed interface Met {
    data class InStep(val device: DeviceId?, val received: Long, val sent: Long) : Met

    /** It broke off; the next meeting goes on from there. */
    data object Broken : Met

    data class Failed(val problem: Problem) : Met
}

/**
 * Meetings over pipes of the app's own: Bluetooth on Android, any two streams in a test.
 *
 * A phone shows a beacon of the engine in its Bluetooth advertisement; whoever recognises it connects and
 * calls [dial], the other [accept]. Who the other is, is for the engine to prove and not for Bluetooth.
 */
class Meetings(private val linli: Linli) {
    private val running = MutableStateFlow(0)

    /** How many pipes run: a reason to stay awake. */
    val count: StateFlow<Int> = running.asStateFlow()

    /** What to show in an advertisement; a new one every hour. None before this phone belongs to a community. */
    suspend fun beacon(): ByteArray? = linli.ask { beacon() }?.let(::fromHex)

    /** Whether an advertisement is of this community: only then is it worth a connection. */
    suspend fun isOurs(beacon: ByteArray): Boolean =
        try {
            linli.ask { recognises(toHex(beacon)) }
        } catch (_: LinliException.InvalidInput) {
            false
        }

    /** This phone has connected. */
    suspend fun dial(connect: suspend () -> ByteSocket): Met = meet(connect, hangsUp = true) { linli.ask { dialPipe(Peer.Member) } }

    /** Somebody has connected to this phone. */
    suspend fun accept(socket: ByteSocket): Met = meet({ socket }, hangsUp = false) { linli.ask { acceptPipe() } }

    /**
     * Closes the socket in the end, though there may be no pipe for it.
     *
     * @param hangsUp one side only: whoever hangs up first must not be in the middle of the other's word.
     */
    private suspend fun meet(connect: suspend () -> ByteSocket, hangsUp: Boolean, begin: suspend () -> Pipe): Met {
        running.update { it + 1 }
        var last: PipeState? = null
        return try {
            connect().use { socket ->
                begin().use { pipe ->
                    val end = pipe.carry(socket) { state ->
                        val saidGoodbye = last?.inStep == true
                        last = state
                        // Whoever stays in reach is met again when there is news; the radio is not held meanwhile.
                        if (hangsUp && state.inStep && !saidGoodbye) pipe.sayGoodbye()
                    }
                    met(end, last)
                }
            }
        } catch (_: IOException) {
            Met.Broken
        } catch (error: LinliException) {
            Met.Failed(problemOf(error))
        } finally {
            running.update { it - 1 }
        }
    }

    /** Whoever says goodbye was in step: the other may hear it before it knows that it is, too. */
    private fun met(end: PipeEnd, last: PipeState?): Met =
        if (last != null && (last.inStep || last.met && end == PipeEnd.GOODBYE)) {
            Met.InStep(last.peer, last.receivedEvents.toLong(), last.sentEvents.toLong())
        } else {
            Met.Broken
        }
}

internal fun toHex(bytes: ByteArray): String = bytes.joinToString("") { "%02x".format(it) }

internal fun fromHex(text: String): ByteArray = ByteArray(text.length / 2) { text.substring(2 * it, 2 * it + 2).toInt(16).toByte() }
