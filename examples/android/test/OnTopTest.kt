package org.linli.sample

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.linli.AlertCommand
import org.linli.CommandId
import org.linli.sample.words.wordsOf
import org.linli.testing.town
import org.linli.testing.until

class OnTopTest {
    @Test
    fun `whoever needs help stands on top, with what to do, until somebody answers`() =
        town {
            val wu = founder()
            val mei = volunteer(wu, "Mei")
            val onTop = OnTopModel(wu, scope, wordsOf("zh"))
            onTop.state.until { it.isEmpty() }
            mei.phone.submitAlert(CommandId.random(), AlertCommand.Raise("我爸胸口痛", building = "3", room = "1804"))
            carry(mei, wu)

            val help = onTop.state.until { it.size == 1 }.single()
            assertEquals("有人求助 · 胸痛 · 3-1804 · Mei", help.title)
            assertEquals("我爸胸口痛" to "120", help.text to help.number)
            assertTrue(help.toDo.contains("拨打 120"), help.toDo)

            onTop.acknowledge(help.alert)
            onTop.state.until { it.isEmpty() }
        }

    @Test
    fun `what is said by its name has no words of its own`() =
        town {
            val wu = founder()
            val onTop = OnTopModel(wu, scope, wordsOf("en"))
            wu.phone.submitAlert(CommandId.random(), AlertCommand.Raise("胸痛"))

            val help = onTop.state.until { it.size == 1 }.single()
            assertEquals("HELP NEEDED · chest pain · Wu", help.title)
            assertNull(help.text)
            onTop.respond(help.alert, null)
            onTop.state.until { it.isEmpty() }
        }
}
