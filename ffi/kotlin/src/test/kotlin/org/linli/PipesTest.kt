package org.linli

import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.util.UUID
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.linli.testing.CancelsAt
import org.linli.testing.PATIENCE
import org.linli.testing.Town
import org.linli.testing.post
import org.linli.testing.sockets
import org.linli.testing.town

class PipesTest {
    private suspend fun Town.pair(): Pair<Linli, Linli> {
        val wu = founder()
        return wu to volunteer(wu, "Mei")
    }

    /** Dials over these sockets until both are in step, and hangs up. */
    private suspend fun Town.meet(wu: Linli, mei: Linli, here: ByteSocket, there: ByteSocket, piece: Int): Pair<PipeEnd, PipeEnd> {
        val dialling = mei.phone.dialPipe(Peer.Member)
        val accepting = wu.phone.acceptPipe()
        val one = scope.async { dialling.use { it.carry(here, piece = piece) } }
        val other = scope.async { accepting.use { it.carry(there, piece = piece) } }
        withTimeout(PATIENCE) { while (!(dialling.state().inStep && accepting.state().inStep)) delay(5.milliseconds) }
        dialling.sayGoodbye()
        return one.await() to other.await()
    }

    @Test
    fun `two phones that meet know the same, and part with a goodbye`() =
        town {
            val (wu, mei) = pair()
            wu.phone.post("101", "milk")
            mei.phone.post("102", "rice")
            val (here, there) = sockets()

            assertEquals(PipeEnd.GOODBYE to PipeEnd.GOODBYE, meet(wu, mei, here, there, 4096))
            assertEquals(wu.phone.stateHash(), mei.phone.stateHash())
        }

    @Test
    fun `a goodbye that is said again, by either loop and behind the end, is none too many`() =
        town {
            val (wu, mei) = pair()
            repeat(20) {
                val (here, there) = sockets()
                val dialling = mei.phone.dialPipe(Peer.Member)
                val accepting = scope.async { wu.phone.acceptPipe().use { it.carry(there) } }

                val end = dialling.carry(here) { state -> if (state.inStep) dialling.sayGoodbye() }
                dialling.sayGoodbye()

                // Whoever hears it may be writing still, into a socket that is closed.
                accepting.await()
                assertEquals(PipeEnd.GOODBYE, end)
                dialling.close()
            }
        }

    @Test
    fun `a pipe that gives single bytes will do`() =
        town {
            val (wu, mei) = pair()
            wu.phone.post("101", "milk")
            val (here, there) = sockets()

            meet(wu, mei, here, there, 1)
            assertEquals(wu.phone.stateHash(), mei.phone.stateHash())
        }

    @Test
    fun `a pipe that breaks is told, and the next one goes on from there`() =
        town {
            val (wu, mei) = pair()
            repeat(30) { wu.phone.post("1$it", "milk") }
            val (here, there) = sockets()
            val broken = Breaking(here, after = 1000)
            val one = scope.async { mei.phone.dialPipe(Peer.Member).use { it.carry(broken, piece = 512) } }
            val other = scope.async { wu.phone.acceptPipe().use { it.carry(there, piece = 512) } }

            assertEquals(PipeEnd.BROKEN, withTimeout(PATIENCE) { one.await() })
            assertEquals(PipeEnd.BROKEN, withTimeout(PATIENCE) { other.await() })
            val (again, andThere) = sockets()
            meet(wu, mei, again, andThere, 4096)
            assertEquals(wu.phone.stateHash(), mei.phone.stateHash())
        }

    @Test
    fun `a stranger is turned away, and hears nothing`() =
        town {
            val wu = founder()
            val stranger = newcomer("Gu").also { it.phone.found("Gu") }
            val (here, there) = sockets()
            val one = scope.async { runCatching { stranger.phone.dialPipe(Peer.Member).use { it.carry(here) } } }
            val other = scope.async { runCatching { wu.phone.acceptPipe().use { it.carry(there) } } }

            val ends = withTimeout(PATIENCE) { listOf(one.await(), other.await()) }
            assertTrue(ends.any { it.exceptionOrNull() is LinliException }, "$ends")
            assertEquals(listOf(1, 1), listOf(wu, stranger).map { it.phone.members().size })
        }

    @Test
    fun `whoever cancels is not held by a read that blocks`() =
        town {
            val (_, mei) = pair()
            val (here, there) = sockets()
            val carrying = scope.launch { mei.phone.dialPipe(Peer.Member).use { it.carry(here) } }
            // Who dials speaks first, and reads from then on.
            assertTrue(withContext(Dispatchers.IO) { there.input.read() } >= 0)

            withTimeout(PATIENCE) {
                carrying.cancel()
                carrying.join()
            }
            // The other end sees a pipe that is closed.
            withTimeout(PATIENCE) { while (there.input.read() >= 0) {} }
        }

    @Test
    fun `whoever cancels hangs up, however little had begun`() =
        town {
            val wu = founder()
            for (turn in 0..9) {
                val pipe = wu.phone.acceptPipe()
                val (here, there) = sockets()
                lateinit var carrying: Job
                val io = CancelsAt(turn) { carrying }
                carrying = scope.launch(start = CoroutineStart.LAZY) { runCatching { pipe.carry(here, io) } }
                // Noise, so that it ends by itself where there are fewer turns.
                there.output.write(ByteArray(64))
                withTimeout(PATIENCE) { carrying.join() }

                assertTrue(withTimeout(PATIENCE) { ended(there) }, "the socket was closed at turn $turn")
                assertFailsWith<LinliException>("the pipe was let go of at turn $turn") { pipe.state() }
                pipe.close()
            }
        }

    @Test
    fun `whoever was cancelled before hangs up all the same`() =
        town {
            val pipe = founder().phone.acceptPipe()
            val (here, there) = sockets()
            val carrying =
                scope.launch(start = CoroutineStart.UNDISPATCHED) {
                    cancel()
                    pipe.carry(here)
                }
            withTimeout(PATIENCE) { carrying.join() }

            assertTrue(withTimeout(PATIENCE) { ended(there) })
            assertFailsWith<LinliException.Closed> { pipe.state() }
        }

    @Test
    fun `a handle that was closed before it was carried is no reason to keep the socket`() =
        town {
            val pipe = founder().phone.acceptPipe()
            val (here, there) = sockets()
            pipe.close()

            assertTrue(runCatching { pipe.carry(here) }.isFailure)
            assertTrue(withTimeout(PATIENCE) { ended(there) })
        }

    @Test
    fun `a phone that falls asleep lets go of its pipes`() =
        town {
            val (wu, mei) = pair()
            val (here, there) = sockets()
            val (dialling, accepting) = mei.phone.dialPipe(Peer.Member) to wu.phone.acceptPipe()
            val one = scope.async { runCatching { dialling.use { it.carry(here) } } }
            val other = scope.async { runCatching { accepting.use { it.carry(there) } } }
            withTimeout(PATIENCE) { while (!(dialling.state().inStep && accepting.state().inStep)) delay(5.milliseconds) }

            assertTrue(mei.suspendWithin(PATIENCE))
            assertTrue(withTimeout(PATIENCE) { one.await() }.exceptionOrNull() is LinliException.Suspended)
            assertEquals(PipeEnd.BROKEN, withTimeout(PATIENCE) { other.await() }.getOrNull())
        }

    @Test
    fun `a peer that stops reading is noticed, though a write and a read are stuck in both threads there are`() =
        town {
            Executors.newFixedThreadPool(2).asCoroutineDispatcher().use { io ->
                val stuck = stuck(io)

                stuck.pipe.provokeStall(500uL)

                val end = withTimeout(PATIENCE) { stuck.carrying.await() }.exceptionOrNull()
                assertTrue(end is LinliException.Connection && end.code == "silent", "$end")
            }
        }

    @Test
    fun `a phone that falls asleep is not held by a write that is stuck`() =
        town {
            val stuck = stuck()

            val took = measureTime {
                assertTrue(stuck.phone.suspendWithin(PATIENCE))
                assertTrue(withTimeout(PATIENCE) { stuck.carrying.await() }.exceptionOrNull() is LinliException.Suspended)
            }

            assertTrue(took < SOON, "it took $took")
        }

    @Test
    fun `whoever cancels or lets go is not held by a write that is stuck`() =
        town {
            val (cancelled, abandoned) = stuck() to stuck()

            val took = measureTime {
                cancelled.carrying.cancel()
                abandoned.pipe.abandon()
                withTimeout(PATIENCE) {
                    cancelled.carrying.join()
                    assertTrue(abandoned.carrying.await().exceptionOrNull() is LinliException.Closed)
                }
            }

            assertTrue(took < SOON, "it took $took")
        }

    @Test
    fun `a goodbye to a peer that stopped reading is not waited for long`() =
        town {
            val stuck = stuck()

            val took = measureTime {
                stuck.pipe.sayGoodbye()
                assertEquals(PipeEnd.GOODBYE, withTimeout(PATIENCE) { stuck.carrying.await() }.getOrThrow())
            }

            assertTrue(took < SOON, "it took $took")
        }

    /** A phone whose thread is stuck in a write, because who it talks to has stopped reading. */
    private class Stuck(val phone: Linli, val pipe: Pipe, val carrying: Deferred<Result<PipeEnd>>)

    private suspend fun Town.stuck(io: CoroutineDispatcher = Dispatchers.IO): Stuck {
        val wu = newcomer("Wu ${UUID.randomUUID()}").also { it.phone.found("Wu") }
        val mei = volunteer(wu, "Mei ${UUID.randomUUID()}")
        repeat(60) { wu.phone.post("1$it", "milk", note = "x".repeat(8_000)) }
        val (here, there) = sockets(room = 8 * 1024)
        val (counted, freezing) = Counting(here) to Freezing(there, after = 50_000)
        val pipe = wu.phone.acceptPipe()
        scope.async { runCatching { mei.phone.dialPipe(Peer.Member).use { it.carry(freezing) } } }
        val carrying = scope.async { runCatching { pipe.carry(counted, io, piece = 4096) } }
        // No byte more for a while: the socket is full.
        withTimeout(PATIENCE) {
            var before = -1
            while (freezing.left > 0 || counted.written != before) {
                before = counted.written
                delay(300.milliseconds)
            }
        }
        assertTrue(pipe.state().met && pipe.state().unsent > 0u, "${pipe.state()}")
        return Stuck(wu, pipe, carrying)
    }

    @Test
    fun `garbage ends a conversation, and nothing else`() =
        town {
            val wu = founder()
            val (here, there) = sockets()
            val end = scope.async { runCatching { wu.phone.acceptPipe().use { it.carry(there) } } }
            here.output.write(ByteArray(1000) { 0x55 })
            here.output.flush()

            assertFailsWith<LinliException.Connection> { withTimeout(PATIENCE) { end.await() }.getOrThrow() }
            assertEquals(0, wu.phone.board(OrderFilter(state = OrderState.OPEN)).items.size)
        }

    /** Whether the other end of a socket was closed; waits for that. */
    private suspend fun ended(there: ByteSocket): Boolean =
        withContext(Dispatchers.IO) {
            try {
                while (there.input.read() >= 0) {}
                true
            } catch (_: IOException) {
                true
            }
        }

    /** A socket whose bytes are counted on their way out. */
    private class Counting(private val inner: ByteSocket) : ByteSocket by inner {
        @Volatile var written = 0

        override val output: OutputStream =
            object : OutputStream() {
                override fun write(byte: Int) = write(byteArrayOf(byte.toByte()))

                override fun write(bytes: ByteArray, from: Int, count: Int) {
                    inner.output.write(bytes, from, count)
                    written += count
                }
            }
    }

    /** A socket of an app that freezes after it has read so many bytes. */
    private class Freezing(private val inner: ByteSocket, after: Int) : ByteSocket by inner {
        private val closed = CountDownLatch(1)

        @Volatile var left = after

        override val input: InputStream =
            object : InputStream() {
                override fun read(): Int = throw IOException("nobody reads single bytes")

                override fun read(bytes: ByteArray, from: Int, most: Int): Int {
                    if (left > 0) return inner.input.read(bytes, from, minOf(most, left)).also { left -= it }
                    closed.await()
                    return -1
                }
            }

        override fun close() {
            closed.countDown()
            inner.close()
        }
    }

    /** A socket that dies after so many bytes were read. */
    private class Breaking(private val inner: ByteSocket, private var after: Int) : ByteSocket {
        override val input: InputStream =
            object : InputStream() {
                override fun read(): Int = inner.input.read()

                override fun read(bytes: ByteArray, from: Int, most: Int): Int {
                    if (after <= 0) return -1
                    return inner.input.read(bytes, from, minOf(most, after)).also { after -= it }
                }
            }
        override val output: OutputStream = inner.output

        override fun close() = inner.close()
    }

    private companion object {
        /** Much sooner than a pipe is taken for stalled, on a busy machine too. */
        val SOON = 15.seconds
    }
}
