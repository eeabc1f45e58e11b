package org.linli.sample

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.linli.BoxRoom
import org.linli.BoxCommand
import org.linli.CommandId
import org.linli.Goods
import org.linli.Linli
import org.linli.ProductClass
import org.linli.ProductDetails
import org.linli.ProductCommand
import org.linli.RecallScope
import org.linli.RecallCommand
import org.linli.Reference
import org.linli.sample.words.wordsOf
import org.linli.testing.town
import org.linli.testing.until

class BoxTest {
    private val words = wordsOf("en")

    private suspend fun product(linli: Linli): Reference {
        val details = ProductDetails(name = "ibuprofen", form = "tablet")
        return linli.phone.submitProduct(CommandId.random(), ProductCommand.ListProduct(details, ProductClass.OVER_THE_COUNTER)).aggregate
    }

    private suspend fun stocked(linli: Linli, product: Reference): Reference {
        val box = linli.phone.submitBox(CommandId.random(), BoxCommand.Open(building = "3", place = "gate")).aggregate
        linli.phone.submitBox(CommandId.random(), BoxCommand.Donate(Goods(product, "A1", "2030-12-31", "strip"), "5"), box)
        return box
    }

    @Test
    fun `a box shows its lots, and what is taken of them`() =
        town {
            val wu = founder()
            val product = product(wu)
            val model = BoxModel(wu, stocked(wu, product), scope, words)

            val lot = model.state.until { it.lots.size == 1 }.lots.single()
            assertEquals(listOf("ibuprofen", "5 strip", "good until 2030-12-31"), listOf(lot.title, lot.stock, lot.goodUntil))
            model.look(product, "2", null).join()
            assertTrue(model.offered.value!!.enough)
            model.take(BoxRoom("3", "", "101"))?.join()
            assertTrue(model.sending.state.value is Sending.Done)
            assertEquals("3 strip", model.state.until { it.lots.single().stock == "3 strip" }.lots.single().stock)
        }

    @Test
    fun `what is not there is said before anybody takes it`() =
        town {
            val wu = founder()
            val product = product(wu)
            val model = BoxModel(wu, stocked(wu, product), scope, words)

            model.look(product, "8", "strip").join()
            assertFalse(model.offered.value!!.enough)
            assertEquals(listOf("5", "3 missing"), model.offered.value!!.text)
            model.take(null)?.join()
            val warned = model.sending.state.value
            assertTrue(warned is Sending.Warned && "3 of 8 are missing" in warned.text, "$warned")
        }

    @Test
    fun `a recall reaches the screen of the box, with the reason`() =
        town {
            val wu = founder()
            val product = product(wu)
            val model = BoxModel(wu, stocked(wu, product), scope, words)
            model.state.until { it.lots.isNotEmpty() }

            wu.phone.submitRecall(CommandId.random(), RecallCommand.Raise(product, RecallScope.All))
            val kept = model.state.until { it.lots.single().keptBack != null }.lots.single().keptBack!!
            assertTrue(kept.startsWith("recalled (#"), kept)
            model.look(product, "1", null).join()
            assertTrue(model.offered.value!!.text.any { it.startsWith("not offered: recalled") }, "${model.offered.value}")
        }
}
