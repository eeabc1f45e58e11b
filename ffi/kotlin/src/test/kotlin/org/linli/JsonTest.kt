package org.linli

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class JsonTest {
    @Test
    fun `every kind of value is read`() {
        val read = JsonReader(""" { "a" : [ 1, -2.5, true, false, null, "x" ], "b" : { } , "c" : [ ] } """).whole()

        assertEquals(mapOf("a" to listOf(1L, -2.5, true, false, null, "x"), "b" to emptyMap<String, Any?>(), "c" to emptyList<Any?>()), read)
    }

    @Test
    fun `texts may hold anything`() {
        assertEquals("\"\\/\b\u000c\n\r\t 邻里 😀", JsonReader("\"\\\"\\\\\\/\\b\\f\\n\\r\\t \\u90bb里 \\ud83d\\ude00\"").whole())
    }

    @Test
    fun `what is no JSON is refused`() {
        val broken = listOf("", "{", "[1,", "[1 2]", "{\"a\"}", "{\"a\":}", "\"x", "tru", "1 2", "-", "[".repeat(100) + "]".repeat(100), "\"\\u12")

        for (text in broken) {
            assertFailsWith<RuntimeException>(text) { JsonReader(text).whole() }
        }
    }

    @Test
    fun `parameters that cannot be read are none`() {
        assertEquals(emptyMap(), Json("[1]").values)
        assertEquals(emptyMap(), Json("{").values)
        assertEquals("b", Json("""{"a":"b"}""")["a"])
    }
}
