package org.linli.sample

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Instant
import org.linli.Json
import org.linli.LinliException
import org.linli.MemberId
import org.linli.Review
import org.linli.codes
import org.linli.problemOf
import org.linli.sample.words.review
import org.linli.sample.words.wordsOf
import org.linli.testing.town

class WordsTest {
    private val en = wordsOf("en")
    private val zh = wordsOf("zh-Hans-CN")
    private val wu = MemberId("ab".repeat(32))

    @Test
    fun `every kind of event has a sentence`() =
        town {
            val table = newcomer("Gu").phone.table()

            assertTrue(table.size > 80, "only ${table.size}")
            assertEquals(emptyList(), table.map { "event.${it.kind}.${it.code}" }.filterNot(en::has))
        }

    @Test
    fun `every code of the engine has a sentence`() {
        val codes = codes()

        assertTrue(codes.size > 200, "only ${codes.size}")
        assertEquals(emptyList(), codes.map { "${it.family}.${it.code}" }.filterNot(en::has))
    }

    @Test
    fun `every error has a sentence of its own`() {
        val errors = LinliException::class.java.declaredClasses.filter { LinliException::class.java.isAssignableFrom(it) }
        val problems = errors.map { problemOf(made(it)) }

        assertTrue(errors.size > 30, "only ${errors.size}")
        // These two bring a code of their own.
        val coded = setOf("refused", "invitation_over").map { "error.$it" }
        assertEquals(listed() - coded.toSet(), problems.map { it.key }.toSet() - setOf("refusal.x.x", "error.invitation_x"))
        assertEquals(emptyList(), problems.map(en::explain).filter { it.isBlank() || '{' in it })
    }

    /** What the engine says that there is. */
    private fun listed(): Set<String> = codes().filter { it.family == "error" }.map { "error.${it.code}" }.toSet()

    /** An error of a class, whatever is in it. */
    private fun made(error: Class<*>): LinliException {
        val make = error.declaredConstructors.minBy { it.parameterCount }
        // Of numbers without a sign the constructor is private in Java's eyes.
        make.isAccessible = true
        val arguments = make.parameterTypes.map(::anything)
        return make.newInstance(*arguments.toTypedArray()) as LinliException
    }

    private fun anything(type: Class<*>): Any =
        when (type) {
            String::class.java -> "x"
            Boolean::class.java -> false
            Int::class.java -> 1
            List::class.java -> listOf("coordinator")
            Map::class.java -> emptyMap<String, String>()
            else -> error("nothing of $type is at hand")
        }

    @Test
    fun `every end of an invitation has a sentence`() {
        val ended = listOf("expired", "guessed", "shown_to_two", "refused", "cancelled", "broken", "not_admitted")
        val asked =
            listOf("not_open", "wrong_proof", "shown_to_two", "refused", "not_admitted", "garbled", "other_community") +
                listOf("timed_out", "broken", "failed")

        assertEquals(emptyList(), (ended.map { "error.invitation_$it" } + asked.map { "error.ask_$it" }).filterNot(en::has))
        assertEquals("in English", en.asked("of_tomorrow", "in English"))
    }

    @Test
    fun `a sentence names people, things and times as people read them`() {
        val params = mapOf("holder" to wu.text, "since" to "0")
        val refused = LinliException.Refused("order", "held_by", params, false, "held")

        assertEquals("吴正在负责这个需求（自 1970-01-01 08:00）。", zh.knowing(mapOf(wu.text to "吴")).explain(refused))
        val moved = LinliException.Refused("order", "goes_on", mapOf("to" to "${"0".repeat(32)}-1-a1b2c3${"0".repeat(26)}"), false, "moved")
        assertEquals("The order goes on as #a1b2c3.", en.explain(moved))
    }

    @Test
    fun `lists, structures and codes in parameters are read too`() {
        val conflict = Review("conflicting_edit", Json("""{"field":"note","values":[{"value":"1"},{"value":"2"}]}"""))
        val missing =
            LinliException.Refused(
                "box",
                "not_enough",
                mapOf("missing" to "3", "asked" to "5", "hidden" to """[{"code":"expired","expiry":"2024-05-31"}]"""),
                true,
                "",
            )

        assertEquals("people disagree about note: 1, 2", en.review(conflict))
        assertEquals("3 of 5 are missing. Kept back: was good until 2024-05-31", en.explain(missing))
    }

    @Test
    fun `a sentence says money in yuan, and leaves out what is missing`() {
        val bought = """{"cost_cents":2580,"happened_at":null,"already_happened":false}"""

        assertEquals("bought it for 25.80 yuan", en.tell("event.order.purchased", bought))
        assertEquals("买好了", zh.tell("event.order.purchased", """{"cost_cents":null}"""))
        assertEquals("1 lot is left in the box.", en.say("refusal.box.still_stocked", mapOf("lots" to "1")))
        val given = """{"goods":{"product":"布洛芬","batch":"2305","expiry":null,"unit":"盒"},"qty":2}"""
        assertEquals("捐入了 2 盒布洛芬，批号 2305", zh.tell("event.box.donated", given))
    }

    @Test
    fun `a code of a newer engine is shown as it is`() {
        assertEquals("event.order.teleported", en.say("event.order.teleported"))
        assertEquals("said so", en.explain(LinliException.Refused("order", "of_tomorrow", emptyMap(), false, "said so")))
    }

    @Test
    fun `a locale that is Chinese in any way is Chinese`() {
        assertEquals(listOf(true, true, false), listOf("zh-Hans-CN", "ZH", "de").map { wordsOf(it).isChinese() })
        assertEquals("1970-01-01 08:00", en.time(Instant.fromEpochMilliseconds(0)))
    }
}
