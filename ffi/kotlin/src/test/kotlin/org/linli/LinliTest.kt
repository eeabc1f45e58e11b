package org.linli

import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.linli.testing.CancelsAt
import org.linli.testing.PATIENCE
import org.linli.testing.post
import org.linli.testing.town

class LinliTest {
    private val board = OrderFilter(state = OrderState.OPEN)

    @Test
    fun `a screen is read at once, and again whenever something on it changes`() =
        town {
            val wu = founder()
            val seen = Channel<Int>(Channel.UNLIMITED)
            scope.launch { wu.watch("order") { board(board).items.size }.collect(seen::send) }

            suspend fun until(size: Int) = withTimeout(PATIENCE) { while (seen.receive() != size) {} }
            until(0)
            wu.phone.post("101", "milk")
            until(1)
            wu.phone.post("102", "rice")
            until(2)
        }

    @Test
    fun `a burst of changes is seen by few reads, and none is missed`() =
        town {
            val wu = founder()
            val reads = AtomicInteger()
            val last = Channel<Int>(Channel.CONFLATED)
            val posted = CompletableDeferred<Unit>()
            scope.launch {
                wu.watch("order") {
                    reads.incrementAndGet()
                    // A read that takes as long as the burst.
                    posted.await()
                    board(board).items.size
                }.collect(last::send)
            }
            repeat(20) { wu.phone.post("1$it", "milk") }
            posted.complete(Unit)

            withTimeout(PATIENCE) { while (last.receive() != 20) {} }
            assertTrue(reads.get() < 20, "${reads.get()} reads")
        }

    @Test
    fun `a screen is not read again for what is not on it`() =
        town {
            val wu = founder()
            val order = wu.phone.post("101", "milk")
            val reads = Channel<Unit>(Channel.UNLIMITED)
            scope.launch { wu.watch("order", about = order) { reads.send(Unit) }.collect {} }
            withTimeout(PATIENCE) { reads.receive() }

            wu.phone.post("102", "rice")
            wu.phone.submitBuilding(CommandId.random(), BuildingCommand.ListBuilding("3"))
            delay(300.milliseconds)
            assertTrue(reads.tryReceive().isFailure)
            wu.phone.submitOrder(CommandId.random(), OrderCommand.Claim, order)
            withTimeout(PATIENCE) { reads.receive() }
        }

    @Test
    fun `a screen outlasts a sleep and is read anew`() =
        town {
            val wu = founder()
            val seen = Channel<Int>(Channel.UNLIMITED)
            scope.launch { wu.watch("order") { board(board).items.size }.collect(seen::send) }
            withTimeout(PATIENCE) { seen.receive() }

            assertTrue(wu.suspendWithin(PATIENCE))
            assertFailsWith<LinliException.Suspended> { wu.ask { board(board) } }
            assertTrue(seen.tryReceive().isFailure)
            wu.resume()

            assertEquals(0, withTimeout(PATIENCE) { seen.receive() })
            wu.phone.post("101", "milk")
            withTimeout(PATIENCE) { while (seen.receive() != 1) {} }
        }

    @Test
    fun `news end when the phone closes`() =
        town {
            val wu = founder()
            val posted = ArrayList<Reference>()
            val heard = CompletableDeferred<Reference>()
            val news = scope.async { wu.updates().onEach { if (it is Update.Changed) heard.complete(it.aggregate) }.toList() }
            // It listens from some moment on.
            withTimeout(PATIENCE) {
                while (!heard.isCompleted) {
                    posted += wu.phone.post("1${posted.size}", "milk")
                    delay(20.milliseconds)
                }
            }
            wu.shutDown()

            val all = withTimeout(PATIENCE) { news.await() }
            assertTrue(all.any { it is Update.Changed && it.aggregate in posted }, "$all")
        }

    @Test
    fun `what only a newer app reads is heard of and told with its author`() =
        town {
            val wu = founder()
            assertEquals(emptyList(), wu.ask { needsNewerApp() })
            val lines = Channel<List<NewerLine>>(Channel.CONFLATED)
            scope.launch { wu.watch("newer") { needsNewerApp() }.collect { lines.send(it) } }
            assertEquals(emptyList(), withTimeout(PATIENCE) { lines.receive() })

            wu.phone.provokeNewer()

            val line = withTimeout(PATIENCE) { lines.receive() }.single()
            assertEquals(NewerWhat.ALERT, line.what)
            assertTrue(line.protects)
            assertEquals(wu.ask { device() }, line.device)
        }

    @Test
    fun `whoever stops looking leaves nothing behind`() =
        town {
            val wu = founder()
            repeat(50) {
                val looking = scope.launch { wu.watch("order") { board(board) }.collect {} }
                delay(10.milliseconds)
                looking.cancel()
                looking.join()
            }

            // A call that nobody waits for any more does not keep the phone from falling asleep.
            assertTrue(wu.suspendWithin(PATIENCE))
        }

    @Test
    fun `a call that is cancelled is either done or not, and the same id again is harmless`() =
        town {
            val wu = founder()
            val id = CommandId.random()
            val order = NewOrder(building = "3", kind = "grocery", urgency = Urgency.NORMAL, way = OrderWay.APP, note = "milk")
            val call = scope.launch { wu.ask { submitOrder(id, OrderCommand.Post(order)) } }
            delay(1.milliseconds)
            call.cancel()
            call.join()

            val first = wu.ask { submitOrder(id, OrderCommand.Post(order)) }
            val again = wu.ask { submitOrder(id, OrderCommand.Post(order)) }
            assertEquals(first, again)
            assertEquals(1, wu.ask { board(board) }.items.size)
        }

    @Test
    fun `what reaches nobody any more is closed`() =
        town {
            val wu = founder()
            lateinit var made: Node
            lateinit var asking: Job
            val alone = NodeOptions(listen = "127.0.0.1:0", nearby = false)
            asking =
                scope.launch(start = CoroutineStart.LAZY) {
                    val node = wu.ask { startNode(alone).also { made = it }.also { asking.cancel() } }
                    node.stop()
                }
            withTimeout(PATIENCE) { asking.join() }

            assertFailsWith<IllegalStateException> { made.port() }
            // Whoever asks a phone for itself does not lose it.
            asking =
                scope.launch(start = CoroutineStart.LAZY) {
                    val phone = wu.ask { also { asking.cancel() } }
                    phone.device()
                }
            withTimeout(PATIENCE) { asking.join() }
            assertEquals(0, wu.ask { board(board) }.items.size)
        }

    @Test
    fun `a home whose opening was given up opens again`() =
        town {
            val secrets = MemorySecrets()
            // Before it began, and with the answer on its way.
            for (turn in 0..1) {
                lateinit var opening: Job
                var opened: Linli? = null
                opening =
                    scope.launch(CancelsAt(turn) { opening }, CoroutineStart.LAZY) { opened = Linli.open(File(folder, "Mei"), secrets) }
                withTimeout(PATIENCE) { opening.join() }

                // An answer that needed no turn has reached somebody.
                opened?.shutDown()
                newcomer("Mei", secrets).shutDown()
            }
        }

    @Test
    fun `a home whose opening was given up at any moment opens again`() =
        town {
            val secrets = MemorySecrets()
            repeat(50) { turn ->
                val opening =
                    scope.launch {
                        val opened = Linli.open(File(folder, "Mei"), secrets)
                        try {
                            awaitCancellation()
                        } finally {
                            opened.shutDown()
                        }
                    }
                delay(turn.milliseconds)
                opening.cancel()
                opening.join()

                newcomer("Mei", secrets).shutDown()
            }
        }

    @Test
    fun `ids of commands are all different`() {
        val ids = List(1000) { CommandId.random() }

        assertEquals(1000, ids.toSet().size)
        assertTrue(ids.all { Regex("[0-9a-f]{32}").matches(it.text) })
    }
}
