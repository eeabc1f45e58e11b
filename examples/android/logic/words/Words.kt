package org.linli.sample.words

/** A language of the app. */
enum class Language {
    EN,
    ZH,
    ;

    companion object {
        /** That of a locale's tag such as `zh-Hans-CN`: Chinese where it says so, else English. */
        fun of(tag: String): Language = if (tag.lowercase().startsWith("zh")) ZH else EN
    }
}

/**
 * Sentences for the engine's codes.
 *
 * The engine speaks in codes and parameters; an Android app may keep these sentences in its resources instead. A
 * `{name}` is filled with the parameter of that name. Of a key without a sentence the key itself is shown: a code says
 * more than nothing, and a newer engine may have codes that an older app lacks.
 */
class Words(val language: Language) {
    fun has(key: String): Boolean = key in table

    /** A sentence with its parameters. */
    fun say(key: String, params: Map<String, String> = emptyMap()): String {
        val sentence = table[key] ?: return key
        val template = if (language == Language.ZH) sentence.zh else sentence.en
        return HOLE.replace(template) { hole -> param(hole.groupValues[1], params) }
    }

    /** The word for a code of a kind, such as `status` and `open`; the code where there is none. */
    fun word(kind: String, code: String): String = if (has("$kind.$code")) say("$kind.$code") else code

    private fun param(name: String, params: Map<String, String>): String {
        val value = params[name] ?: return "?"
        return if (name == "field") word("field", value) else value
    }

    companion object {
        /** Every key that has a sentence. */
        val keys: Set<String> get() = table.keys

        /** The names of a sentence's parameters, in one language. */
        internal fun holes(key: String, language: Language): Set<String> {
            val sentence = table.getValue(key)
            val template = if (language == Language.ZH) sentence.zh else sentence.en
            return HOLE.findAll(template).map { it.groupValues[1] }.toSet()
        }
    }
}

internal class Sentence(val en: String, val zh: String)

private val HOLE = Regex("\\{([a-z_0-9]+)\\}")

private val table: Map<String, Sentence> = listOf(EVENTS, CODES, REFUSALS, ERRORS, SCREEN).flatMap(::read).toMap()

/** Lines of `key | English | 中文`. */
internal fun read(lines: String): List<Pair<String, Sentence>> =
    lines.lines().filter { it.isNotBlank() }.map { line ->
        val (key, en, zh) = line.split(" | ")
        key.trim() to Sentence(en.trim(), zh.trim())
    }
