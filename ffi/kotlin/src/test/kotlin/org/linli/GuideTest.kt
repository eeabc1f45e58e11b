package org.linli

import java.io.File
import javax.crypto.KeyGenerator
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.linli.testing.PATIENCE
import org.linli.testing.sockets
import org.linli.testing.town

/** What ffi/kotlin/README.md shows is quoted from here. */
class GuideTest {
    @Test
    fun `from a folder to the first order on the screen`() =
        town {
            val noBackupFilesDir = folder
            val shown = Channel<List<String>>(Channel.UNLIMITED)

            fun show(lines: List<String>) = shown.trySend(lines)
            val key = KeyGenerator.getInstance("AES").generateKey()

            fun keystoreKey() = key

            val secrets = SealedSecrets(File(noBackupFilesDir, "secrets"), ::keystoreKey)
            val linli = Linli.open(File(noBackupFilesDir, "linli"), secrets)

            val founded = linli.ask { foundWithKit("Wu") }
            val paper = founded.kit.chinese // 24 characters to write down; kitWords shows them again until then
            linli.ask { confirmKit() } // somebody says that they are on paper: nothing keeps them any more

            scope.launch {
                linli.watch("order") { board(OrderFilter(state = OrderState.OPEN)) }.collect { page ->
                    show(page.items.map { cleanLine("${it.card.building}: ${it.card.items.joinToString()}") })
                }
            }

            val order =
                NewOrder(
                    building = "3",
                    room = "1804",
                    kind = "grocery",
                    urgency = Urgency.NORMAL,
                    way = OrderWay.PHONE,
                    items = listOf(NewItem("milk", "2")),
                )
            val id = CommandId.random() // kept until there is an answer: the same again writes nothing twice
            val receipt = linli.ask { submitOrder(id, OrderCommand.Post(order)) }

            assertEquals(24, paper.size)
            assertEquals(1, receipt.events.size)
            withTimeout(PATIENCE) { while (shown.receive() != listOf("3: milk 2")) {} }
            linli.shutDown()
        }

    @Test
    fun `an error is caught by its type`() =
        town {
            val linli = founder()
            val order = linli.ask { submitOrder(CommandId.random(), OrderCommand.Post(milk())) }.aggregate
            val said = ArrayList<String>()

            fun say(text: String) = said.add(text)

            fun ask(text: String) = said.add(text)

            linli.ask { submitOrder(CommandId.random(), OrderCommand.Claim, order) }
            try {
                linli.ask { submitOrder(CommandId.random(), OrderCommand.Claim, order) }
            } catch (error: LinliException.Refused) {
                if (error.warning) ask("${error.code}: all the same?") else say(error.code)
            } catch (error: LinliException.NotAllowed) {
                say("needs ${error.needs.joinToString(" or ")}")
            }

            assertEquals(listOf("already_yours"), said)
        }

    @Test
    fun `a sleep lets go of every file`() =
        town {
            val linli = founder()

            linli.suspendWithin(3.seconds) // in `onStop`, where no service keeps the process
            val asleep = runCatching { linli.ask { board(OrderFilter(state = OrderState.OPEN)) } }
            linli.resume() // in `onStart`

            assertIs<LinliException.Suspended>(asleep.exceptionOrNull())
            assertEquals(0, linli.ask { board(OrderFilter(state = OrderState.OPEN)) }.items.size)
        }

    @Test
    fun `a node is started and looked at`() =
        town {
            val linli = founder()
            val seen = Channel<Int>(Channel.UNLIMITED)

            fun show(connected: List<ConnectedPeer>) = seen.trySend(connected.size)

            val node = linli.ask { startNode(NodeOptions(nearby = false)) }
            scope.launch { node.connections().collect { connected -> show(connected) } }

            assertEquals(0, withTimeout(PATIENCE) { seen.receive() })
            node.stop()
        }

    @Test
    fun `a pipe of the app's own is carried`() =
        town {
            val wu = founder()
            val linli = volunteer(wu, "Mei")
            val (socket, there) = sockets()
            val accepting = scope.launch { wu.phone.acceptPipe().use { it.carry(there) } }

            val pipe = linli.ask { dialPipe(Peer.Member) }
            val end = pipe.use { it.carry(socket) { state -> if (state.inStep) it.sayGoodbye() } }

            assertEquals(PipeEnd.GOODBYE, end)
            accepting.join()
            assertEquals(wu.phone.stateHash(), linli.phone.stateHash())
        }

    @Test
    fun `a command id outlives the process`() =
        town {
            val linli = founder()
            val savedState = HashMap<String, String>()

            val id = CommandId(savedState.getOrPut("order") { CommandId.random().text })
            linli.ask { submitOrder(id, OrderCommand.Post(milk())) }

            val after = CommandId(savedState.getValue("order"))
            val again = linli.ask { submitOrder(after, OrderCommand.Post(milk())) }
            assertTrue(again.events.isNotEmpty())
            assertEquals(1, linli.ask { board(OrderFilter(state = OrderState.OPEN)) }.items.size)
        }

    private fun milk() =
        NewOrder(building = "3", kind = "grocery", urgency = Urgency.NORMAL, way = OrderWay.APP, items = listOf(NewItem("milk")))
}
