package org.linli

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.linli.testing.town

/** An aggregate that an app says as data, where the engine's own are. */
class DeclaredTest {
    @Test
    fun `what an app declares is written, listed, among the codes and about its room`() =
        town {
            val linli = newcomer("Wu", declarations = listOf(SPARE_KEY))
            linli.phone.found("Wu")
            val deed = """{ "kind": "left", "says": { "building": "3" }, "fields": { "room": "1804" } }"""

            val key = linli.ask { submitDeclared(CommandId.random(), "spare_key", deed) }.aggregate

            val listed = linli.ask { declared("spare_key") }["items"] as List<*>
            val line = listed.single() as Map<*, *>
            assertEquals(listOf("here", mapOf("room" to "1804")), listOf(line["status"], line["fields"]))
            val codes = codes(listOf(SPARE_KEY)).map { it.family to it.code }
            assertTrue(codes.containsAll(listOf("event.spare_key" to "fetched", "status.spare_key" to "here")))
            val other = linli.ask { aboutRoom("3", null, "1804室") }.others.single()
            assertEquals(key to "spare_key", other.aggregate to other.kind)
            assertEquals(listOf("left"), other.told.map { it.code })
        }

    private companion object {
        const val SPARE_KEY = """{
            "name": "spare_key", "statuses": ["here"],
            "fields": [{ "field": 0, "name": "room", "type": "text" }],
            "kinds": [
                { "kind": 32768, "code": "left", "creates": true, "says": [{ "name": "building", "type": "text" }] },
                { "kind": 32769, "code": "fetched" }
            ]
        }"""
    }
}
