package org.linli

/**
 * What a sentence needs: the parameters of a [Told], a [Review] or a refusal, as the engine gives them.
 *
 * Values are `null`, [Boolean], [Long], [Double], [String], [List] and [Map].
 */
class Json(
    /** The JSON text. */
    val text: String,
) {
    /** The parameters by their names; empty where the text is no object. */
    val values: Map<String, Any?> by lazy(LazyThreadSafetyMode.PUBLICATION) {
        @Suppress("UNCHECKED_CAST")
        (runCatching { JsonReader(text).whole() }.getOrNull() as? Map<String, Any?>).orEmpty()
    }

    operator fun get(name: String): Any? = values[name]

    override fun equals(other: Any?): Boolean = other is Json && other.text == text

    override fun hashCode(): Int = text.hashCode()

    override fun toString(): String = text
}

/** Reads JSON as RFC 8259 has it. The engine wrote it; what is no JSON throws [IllegalArgumentException]. */
internal class JsonReader(private val text: String) {
    private var at = 0

    fun whole(): Any? {
        val value = value(0)
        space()
        require(at == text.length) { "something stands behind the value" }
        return value
    }

    private fun value(depth: Int): Any? {
        require(depth < DEEPEST) { "nested too deep" }
        space()
        return when (peek()) {
            '{' -> members(depth)
            '[' -> elements(depth)
            '"' -> string()
            't' -> literal("true", true)
            'f' -> literal("false", false)
            'n' -> literal("null", null)
            else -> number()
        }
    }

    private fun members(depth: Int): Map<String, Any?> {
        val found = LinkedHashMap<String, Any?>()
        each('}') {
            val name = string()
            space()
            expect(':')
            found[name] = value(depth + 1)
        }
        return found
    }

    private fun elements(depth: Int): List<Any?> {
        val found = ArrayList<Any?>()
        each(']') { found.add(value(depth + 1)) }
        return found
    }

    private inline fun each(end: Char, read: () -> Unit) {
        at++
        space()
        if (peek() == end) {
            at++
            return
        }
        while (true) {
            space()
            read()
            space()
            if (peek() == end) break
            expect(',')
        }
        at++
    }

    private fun string(): String {
        expect('"')
        val found = StringBuilder()
        while (peek() != '"') {
            val c = text[at++]
            found.append(if (c == '\\') escaped() else c)
        }
        at++
        return found.toString()
    }

    private fun escaped(): Char =
        when (val c = text[at++]) {
            'n' -> '\n'
            't' -> '\t'
            'r' -> '\r'
            'b' -> '\b'
            'f' -> '\u000c'
            'u' -> text.substring(at, at + 4).toInt(16).toChar().also { at += 4 }
            else -> c
        }

    private fun number(): Any {
        val from = at
        while (at < text.length && text[at] in "+-0123456789.eE") at++
        val digits = text.substring(from, at)
        return digits.toLongOrNull() ?: requireNotNull(digits.toDoubleOrNull()) { "no value at $from" }
    }

    private fun <T> literal(word: String, value: T): T {
        require(text.startsWith(word, at)) { "no value at $at" }
        at += word.length
        return value
    }

    private fun expect(c: Char) {
        require(peek() == c) { "no $c at $at" }
        at++
    }

    private fun peek(): Char = requireNotNull(text.getOrNull(at)) { "cut short" }

    private fun space() {
        while (at < text.length && text[at] in " \t\r\n") at++
    }

    private companion object {
        const val DEEPEST = 64
    }
}
