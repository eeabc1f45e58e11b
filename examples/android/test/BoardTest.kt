package org.linli.sample

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.linli.Cure
import org.linli.CommandId
import org.linli.DeliveryHow
import org.linli.LinliException
import org.linli.NewItem
import org.linli.OrderFilter
import org.linli.OrderState
import org.linli.OrderCommand
import org.linli.problemOf
import org.linli.sample.words.wordsOf
import org.linli.testing.post
import org.linli.testing.town
import org.linli.testing.until

class BoardTest {
    private val words = wordsOf("en")

    @Test
    fun `the board shows orders as they come and go`() =
        town {
            val wu = founder()
            val board = BoardModel(wu, scope, words)
            assertEquals(emptyList(), board.state.until { !it.loading }.rows)

            val milk = wu.phone.post("101", "milk", "bread")
            val row = board.state.until { it.rows.size == 1 }.rows.single()
            assertEquals("milk, bread", row.title)
            assertEquals("3-101", row.place)
            assertEquals("open", row.status)

            wu.phone.submitOrder(CommandId.random(), OrderCommand.Claim, milk)
            val claimed = board.state.until { it.rows.singleOrNull()?.mine == true }.rows.single()
            assertEquals("Wu", claimed.holder)
            wu.phone.submitOrder(CommandId.random(), OrderCommand.Cancel(), milk)
            board.state.until { it.rows.isEmpty() }
            board.show(Tab.CLOSED)
            assertEquals("cancelled", board.state.until { it.rows.size == 1 }.rows.single().status)
        }

    @Test
    fun `the board says that something needs a newer app`() =
        town {
            val wu = founder()
            val board = BoardModel(wu, scope, words)
            assertNull(board.state.until { !it.loading }.newer)

            wu.phone.provokeNewer()

            assertEquals(words.say("screen.newer_at_once"), board.state.until { it.newer != null }.newer)
        }

    @Test
    fun `further pages come when somebody scrolls, in the same order`() =
        town {
            val wu = founder()
            repeat(60) { wu.phone.post("${100 + it}", "milk") }
            val board = BoardModel(wu, scope, words)

            assertEquals(50, board.state.until { it.more }.rows.size)
            board.more()
            val all = board.state.until { it.rows.size == 60 }
            assertEquals(false, all.more)
            assertEquals(60, all.rows.map { it.order }.toSet().size)
        }

    @Test
    fun `words that are searched for are found in any order`() =
        town {
            val wu = founder()
            wu.phone.post("101", "milk")
            wu.phone.post("102", "rice")
            val board = BoardModel(wu, scope, words)

            board.search("rice")
            assertEquals("rice", board.state.until { it.rows.size == 1 }.rows.single().title)
        }

    @Test
    fun `a board that cannot be read says so, and is read again`() =
        town {
            val wu = founder()
            val board = BoardModel(wu, scope, words)
            board.state.until { !it.loading }
            wu.phone.let { runCatching { it.provokePanic() } }
            wu.phone.let { runCatching { it.provokePanic() } }

            board.retry()
            assertEquals(Cure.REOPEN, board.state.until { it.problem != null }.problem?.cure)
        }

    @Test
    fun `an order shows what was done and what may be done`() =
        town {
            val wu = founder()
            val mei = volunteer(wu, "Mei")
            val milk = wu.phone.post("101", "milk", note = "two litres")
            carry(wu, mei)
            val order = OrderModel(mei, milk, scope, words)

            val open = order.state.until { it.row != null }
            assertEquals("two litres", open.note)
            assertTrue(open.history.single().endsWith("Wu wrote the order down, in the app"), "${open.history}")
            val claim = open.buttons.first()
            assertEquals(OrderCommand.Claim to true, claim.command to claim.enabled)
            assertEquals(false, open.buttons.single { it.command is OrderCommand.Cancel }.enabled)

            order.sending.send(claim.command)
            assertTrue(order.state.until { it.row?.mine == true }.buttons.any { it.command is OrderCommand.Deliver })
            assertTrue(order.sending.state.until { it is Sending.Done } is Sending.Done)
        }

    @Test
    fun `what others wrote cannot drive a screen`() =
        town {
            val wu = founder()
            val mei = volunteer(wu, "Mei\u202e\u0007")
            val milk = mei.phone.post("101", "milk\u001b[2J\nrice", note = "two\nlitres\u0007")
            carry(mei, wu)
            val order = OrderModel(wu, milk, scope, words).state.until { it.row != null }

            val shown = listOfNotNull(order.row?.title, order.history.single())
            assertEquals("milk␛[2J␊rice", shown[0])
            assertTrue(shown.none { line -> line.any { it < ' ' || it == '\u202e' } }, "$shown")
            assertEquals("two\nlitres␇", order.note)
        }

    @Test
    fun `who claims at the same time sees that somebody must decide`() =
        town {
            val wu = founder()
            val mei = volunteer(wu, "Mei")
            val milk = wu.phone.post("101", "milk")
            carry(wu, mei)
            wu.phone.submitOrder(CommandId.random(), OrderCommand.Claim, milk)
            mei.phone.submitOrder(CommandId.random(), OrderCommand.Claim, milk)
            carry(mei, wu)

            val order = OrderModel(wu, milk, scope, words)
            val contested = order.state.until { it.look.isNotEmpty() }
            assertTrue("agree" in contested.row!!.notes.joinToString(), "${contested.row}")
            assertEquals(2, contested.buttons.count { it.command is OrderCommand.Resolve })
        }

    @Test
    fun `a warning is shown, and passed over when the person insists`() =
        town {
            val wu = founder()
            val mei = volunteer(wu, "Mei")
            val milk = wu.phone.post("101", "milk")
            wu.phone.submitOrder(CommandId.random(), OrderCommand.Claim, milk)
            carry(wu, mei)
            val order = OrderModel(mei, milk, scope, words)

            order.sending.send(OrderCommand.Deliver(DeliveryHow.LEFT_AT_DOOR))
            val warned = order.sending.state.until { it !is Sending.Busy && it != Sending.Idle }
            assertEquals("Wu holds the order.", (warned as Sending.Warned).text.replace(Regex("^@[0-9a-f]{8}"), "Wu"))
            order.sending.insist()
            order.sending.state.until { it is Sending.Done }
            assertEquals("delivered", order.state.until { it.row?.status == "delivered" }.row?.status)
        }

    @Test
    fun `a refusal that is no warning cannot be passed over`() =
        town {
            val wu = founder()
            val milk = wu.phone.post("101", "milk")
            wu.phone.submitOrder(CommandId.random(), OrderCommand.Claim, milk)
            val order = OrderModel(wu, milk, scope, words)

            order.sending.send(OrderCommand.Claim)
            val failed = order.sending.state.until { it is Sending.Failed } as Sending.Failed
            assertEquals("You hold the order already.", words.explain(failed.problem))
            assertNull(order.sending.insist())
            order.sending.seen()
            assertEquals(Sending.Idle, order.sending.state.value)
        }

    @Test
    fun `a command that was given up before it was sent may be sent again`() =
        town {
            val wu = founder()
            val milk = wu.phone.post("101", "milk")
            val order = OrderModel(wu, milk, scope, words)
            repeat(20) {
                val sent = order.sending.send(OrderCommand.Claim)
                sent?.cancel()
                sent?.join()
                assertTrue(order.sending.state.value !is Sending.Busy)
            }
        }

    @Test
    fun `what was typed and its command id survive the death of the process`() =
        town {
            val wu = founder()
            val saved = SavedMap()
            val form = NewOrderModel(wu, scope, words, saved)
            form.type { copy(building = "3", room = "101", items = "2 x milk\nbread", urgent = true) }

            // The process dies between the tap and the answer, and the person taps again in the next one.
            form.post()?.join()
            val again = NewOrderModel(wu, scope, words, saved)
            assertEquals(form.draft.value, again.draft.value)
            again.post()?.join()

            val posted = wu.phone.board(OrderFilter(state = OrderState.OPEN)).items.single()
            assertEquals(listOf("milk", "bread").size, posted.card.items.size)
            val receipts = listOf(form, again).map { (it.sending.state.value as Sending.Done).receipt }
            assertEquals(receipts[0], receipts[1])
        }

    @Test
    fun `a form shows what was written down for the same room`() =
        town {
            val wu = founder()
            wu.phone.post("101", "milk")
            val form = NewOrderModel(wu, scope, words, SavedMap())
            form.type { copy(building = "3", room = "101") }
            assertNull(form.post(), "it says nothing yet")
            form.lookForAlike()

            assertEquals("milk", form.alike.until { it.isNotEmpty() }.single().title)
        }

    @Test
    fun `an error that is no refusal keeps the command id for the retry`() =
        town {
            val wu = founder()
            val form = NewOrderModel(wu, scope, words, SavedMap())
            form.type { copy(building = "3", note = "milk") }
            wu.phone.suspend(30_000uL)
            form.post()?.join()
            assertEquals(Cure.RESUME, (form.sending.state.value as Sending.Failed).problem.cure)

            wu.resume()
            assertNotNull(form.sending.retry()).join()
            assertTrue(form.sending.state.value is Sending.Done)
            assertEquals(1, wu.phone.board(OrderFilter(state = OrderState.OPEN)).items.size)
        }

    @Test
    fun `items are read a line each, with their counts`() {
        val order = order(Draft(building = " 3 ", items = "2 x milk\n\n 1.5×rice \n7up", note = " "))

        assertEquals(listOf(NewItem("milk", "2"), NewItem("rice", "1.5"), NewItem("7up")), order.items)
        assertEquals("3", order.building)
        assertNull(order.note)
    }

    @Test
    fun `errors that end the engine are cured without the person`() {
        assertEquals(Cure.REOPEN, problemOf(LinliException.Broken()).cure)
        assertEquals(Cure.RESUME, problemOf(LinliException.Suspended()).cure)
        assertEquals(Cure.UPDATE, problemOf(LinliException.NewerHome(2u, 1u)).cure)
    }

    private class SavedMap : Saved {
        private val texts = HashMap<String, String>()

        override fun get(name: String): String? = texts[name]

        override fun set(name: String, text: String?) {
            if (text == null) texts.remove(name) else texts[name] = text
        }
    }
}
