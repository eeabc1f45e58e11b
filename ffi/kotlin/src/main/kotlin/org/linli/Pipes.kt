package org.linli

import java.io.Closeable
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.net.Socket
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

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
 * The streams are read and written on [io], each by a thread that they may block. A peer that is gone or takes nothing, a
 * phone that falls asleep and whoever cancels end it all the same: the socket is closed, which ends a read or a write that
 * blocks. [onState] is told how it stands after each [piece] of at most so many bytes that came in or went out;
 * [Pipe.sayGoodbye] ends it in peace.
 *
 * @throws LinliException if the engine ends it: a stranger, a withdrawn device, a peer that is silent, a phone that falls asleep.
 */
suspend fun Pipe.carry(
    socket: ByteSocket,
    io: CoroutineDispatcher = Dispatchers.IO,
    piece: Int = PIECE,
    onState: suspend (PipeState) -> Unit = {},
): PipeEnd {
    val carrier = Carrier(this, socket, piece, onState)
    // Both: nothing inside runs if it is cancelled before it got its turn, and what blocks inside ends only once the
    // socket is closed there. That is not for threads of `io` to do: both may be blocked.
    return try {
        withContext(Dispatchers.Default) { carried(carrier, io) }
    } finally {
        carrier.hangUp()
    }
}

/** Nothing suspends between the beginning and `try`: whatever happens, and however early, somebody hangs up. */
private suspend fun carried(carrier: Carrier, io: CoroutineDispatcher): PipeEnd =
    coroutineScope {
        launch(io) { carrier.read() }
        launch(io) { carrier.write() }
        try {
            carrier.end()
        } finally {
            carrier.hangUp()
        }
    }

private class Carrier(
    private val pipe: Pipe,
    private val socket: ByteSocket,
    private val size: Int,
    private val onState: suspend (PipeState) -> Unit,
) {
    @Volatile private var broke = false

    /** What comes in. That the engine takes no more is told by [end]. */
    suspend fun read() =
        untilBroken {
            val piece = ByteArray(size)
            while (true) {
                val count = socket.input.read(piece)
                if (count < 0) break
                asked { pipe.receive(piece.copyOf(count)) } ?: return@untilBroken
                tell()
            }
            // Behind a goodbye nothing more comes.
            if (asked { pipe.state() }?.closed == false) broken()
        }

    suspend fun write() =
        untilBroken {
            while (true) {
                val piece = asked { pipe.outgoing(size.toUInt()) } ?: break
                if (piece.isEmpty()) break
                socket.output.write(piece)
                socket.output.flush()
                tell()
            }
        }

    /** Waits until it is over, and says how. */
    suspend fun end(): PipeEnd =
        try {
            pipe.ended()
            PipeEnd.GOODBYE
        } catch (closed: LinliException.Closed) {
            if (broke) PipeEnd.BROKEN else throw closed
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

    private suspend fun tell() {
        asked { pipe.state() }?.let { onState(it) }
    }

    private fun broken() {
        broke = true
        pipe.abandon()
    }

    private inline fun untilBroken(run: () -> Unit) =
        try {
            run()
        } catch (_: IOException) {
            broken()
        }

    private inline fun <T : Any> asked(call: () -> T): T? =
        try {
            call()
        } catch (_: LinliException) {
            null
        }
}

private const val PIECE = 64 * 1024
