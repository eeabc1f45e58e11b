package org.linli

import java.io.Closeable
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.net.Socket
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

/** Two streams that are closed together: a Bluetooth socket, a Wi-Fi Direct socket, a cable. */
interface ByteSocket : Closeable {
    val input: InputStream
    val output: OutputStream
}

/** A socket of the platform as a pipe. */
fun Socket.asByteSocket(): ByteSocket =
    object : ByteSocket {
        override val input: InputStream = this@asByteSocket.getInputStream()
        override val output: OutputStream = this@asByteSocket.getOutputStream()

        override fun close() = this@asByteSocket.close()
    }

/** How a conversation over a pipe ended, if it was not the engine that ended it. */
enum class PipeEnd {
    /** One side said goodbye. */
    GOODBYE,

    /** The pipe broke, or was closed without a word. Nothing is lost: the next one goes on where this ended. */
    BROKEN,
}

/**
 * Carries a conversation over a socket until it is over; closes the socket and lets go of the pipe.
 *
 * The streams are read and written on [io]. Cancelling closes the socket, which ends a read that blocks; one that was
 * cancelled before it could begin closes it too. [onState] is told how it stands after each [piece] of at most so many
 * bytes that came in or went out; [Pipe.sayGoodbye] ends it in peace.
 *
 * @throws LinliException if the engine ends it: a stranger, a withdrawn device, a phone that falls asleep.
 */
suspend fun Pipe.carry(
    socket: ByteSocket,
    io: CoroutineDispatcher = Dispatchers.IO,
    piece: Int = PIECE,
    onState: suspend (PipeState) -> Unit = {},
): PipeEnd {
    val carrier = Carrier(this, socket, piece, onState)
    // Both: nothing inside runs if it is cancelled before it got its turn on `io`, and what blocks inside ends only
    // once the socket is closed there.
    return try {
        withContext(io) { coroutineScope { carried(carrier) } }
    } finally {
        carrier.hangUp()
    }
}

/** Nothing suspends between the beginning and `try`: whatever happens, and however early, somebody hangs up. */
private suspend fun CoroutineScope.carried(carrier: Carrier): PipeEnd {
    val reading = async { carrier.read() }
    val writing = async { carrier.write() }
    val first =
        try {
            val first = select { reading.onAwait { it }; writing.onAwait { it } }
            if (first is End.Failed) {
                // Whatever tells the peer why is still to go out. A socket that takes nothing is not waited for.
                val farewell = if (reading.isCompleted) writing else async { carrier.drain() }
                withTimeoutOrNull(FAREWELL) { farewell.await() }
            }
            first
        } finally {
            carrier.hangUp()
        }
    // What ended it may be told to either side first. That it was let go of is told to both.
    val ends = listOf(first, reading.await(), writing.await())
    return when (val end = ends.firstOrNull { it is End.Failed && it.error !is LinliException.Closed } ?: first) {
        End.Peace -> PipeEnd.GOODBYE
        End.Broken -> PipeEnd.BROKEN
        is End.Failed -> throw end.error
    }
}

private sealed interface End {
    data object Peace : End

    data object Broken : End

    class Failed(val error: LinliException) : End
}

private class Carrier(
    private val pipe: Pipe,
    private val socket: ByteSocket,
    private val size: Int,
    private val onState: suspend (PipeState) -> Unit,
) {
    suspend fun read(): End =
        ending {
            val piece = ByteArray(size)
            while (true) {
                val count = socket.input.read(piece)
                if (count < 0) break
                pipe.receive(piece.copyOf(count))
                onState(pipe.state())
            }
            if (pipe.state().closed) End.Peace else End.Broken
        }

    suspend fun write(): End =
        ending {
            while (true) {
                val piece = pipe.outgoing(size.toUInt())
                if (piece.isEmpty()) break
                put(piece)
                onState(pipe.state())
            }
            End.Peace
        }

    /** What is left to be said, without waiting for news. */
    suspend fun drain(): End =
        ending {
            while (true) {
                val piece = pipe.send(size.toUInt())
                if (piece.isEmpty()) break
                put(piece)
            }
            End.Peace
        }

    /** Ends both, one though the other fails. Again does no harm. */
    fun hangUp() {
        try {
            pipe.abandon()
        } catch (_: LinliException) {
            // It has let go already.
        } catch (_: IllegalStateException) {
            // Whoever gave it has closed it already.
        } finally {
            closeSocket()
        }
    }

    private fun closeSocket() {
        try {
            socket.close()
        } catch (_: IOException) {
            // It is of no use any more, closed or not.
        }
    }

    private fun put(piece: ByteArray) {
        socket.output.write(piece)
        socket.output.flush()
    }

    private suspend fun ending(run: suspend () -> End): End =
        try {
            run()
        } catch (_: IOException) {
            End.Broken
        } catch (error: LinliException) {
            End.Failed(error)
        }
}

private const val PIECE = 64 * 1024
private val FAREWELL = 2.seconds
