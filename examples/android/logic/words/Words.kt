package org.linli.sample.words

import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import kotlin.time.Instant
import org.linli.MemberId
import org.linli.cleanLine

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
 * Sentences for the engine's codes and for screens, out of the table that all samples share: `examples/words/words.tsv`,
 * a resource of this app.
 *
 * The engine speaks in codes and parameters; how a sentence names them stands at the head of the table. Of a key without a
 * sentence the key itself is shown: a code says more than nothing, and a newer engine may have codes that an older app lacks.
 */
class Words(
    val language: Language,
    private val names: Map<MemberId, String> = emptyMap(),
    private val clock: (Instant) -> String = ::byTheWall,
) {
    /** The same words, for sentences that name people and times. */
    fun knowing(names: Map<MemberId, String>, clock: (Instant) -> String): Words = Words(language, names, clock)

    fun has(key: String): Boolean = key in table

    /** A sentence with its parameters, as JSON has them. */
    fun say(key: String, params: Map<String, Any?> = emptyMap()): String = template(key)?.let { fill(it, params) } ?: key

    /** The word for a code of a kind, such as `status.order` and `open`, else that of `status`; the code where there is none. */
    fun word(kind: String, code: String): String =
        template("$kind.$code") ?: if ('.' in kind) word(kind.substringBeforeLast('.'), code) else code

    /** What others call themselves may hold anything. */
    fun name(member: MemberId): String = names[member]?.let(::cleanLine) ?: member.text.take(SHORT)

    fun time(at: Instant): String = clock(at)

    private fun template(key: String): String? = table[key]?.let { if (language == Language.ZH) it.zh else it.en }

    /** Fills holes. A space of the sentence falls away where Chinese stands on both sides. */
    private fun fill(template: String, params: Map<String, Any?>): String {
        val text = StringBuilder()
        var at = 0
        for (part in PART.findAll(template)) {
            text.append(template, at, part.range.first)
            at = part.range.last + 1
            val said = part(part, params)
            val spaced = text.endsWith(' ') && isChinese(text.getOrNull(text.lastIndex - 1))
            if (spaced && isChinese(said.firstOrNull())) text.setLength(text.lastIndex)
            text.append(said)
            if (isChinese(said.lastOrNull()) && template.startsWith(" ", at) && isChinese(template.getOrNull(at + 1))) at++
        }
        return text.append(template, at, template.length).toString()
    }

    private fun isChinese(letter: Char?): Boolean = letter != null && letter in '\u4e00'..'\u9fff'

    private fun part(part: MatchResult, params: Map<String, Any?>): String {
        val (hole, clause) = part.destructured
        return when {
            part.value.startsWith("{") -> hole(hole, params)
            '{' !in clause -> part.value
            PART.findAll(clause).all { isSaid(params[name(it.groupValues[1])]) } -> fill(clause, params)
            else -> ""
        }
    }

    /** Texts one after the other. */
    fun several(texts: List<String>): String = texts.joinToString(if (language == Language.ZH) "、" else ", ")

    private fun hole(hole: String, params: Map<String, Any?>): String {
        val name = name(hole)
        val form = hole.drop(name.length)
        if (form == "?") return ""
        if (name !in params) return "?"
        val value = params[name]
        return when {
            form.isEmpty() -> plain(value)
            form == ":yuan" -> whole(value)?.let(::yuan) ?: plain(value)
            form == ":th" -> whole(value)?.let(::nth) ?: plain(value)
            form == ":time" -> whole(value)?.let { time(Instant.fromEpochMilliseconds(it)) } ?: plain(value)
            form == ":field" -> formed(value, "field.${params["list"] ?: ""}")
            form.startsWith(":@") -> formed(value, params[form.drop(2)].toString())
            form.startsWith(":") -> formed(value, form.drop(1))
            else -> counted(plain(value), form.drop(1))
        }
    }

    private fun counted(number: String, nouns: String): String =
        "$number " + if (number == "1") nouns.substringBefore('|') else nouns.substringAfter('|')

    /** A parameter as people read it, where nothing says what it is a code of. */
    private fun plain(value: Any?): String =
        when (value) {
            null -> say("screen.unknown")
            true -> say("screen.yes")
            false -> say("screen.no")
            is String -> readable(value)
            is List<*> -> list(value, ::plain)
            is Map<*, *> -> value["value"]?.let(::plain) ?: value.values.joinToString(" ", transform = ::plain)
            else -> value.toString()
        }

    private fun readable(text: String): String =
        when {
            MEMBER.matches(text) -> name(MemberId(text))
            REFERENCE.matches(text) -> "#" + text.substringAfterLast('-').take(SHORT)
            else -> cleanLine(text)
        }

    /** A code of a family, or a structure that the family has a sentence for. */
    private fun formed(value: Any?, family: String): String =
        when (value) {
            is String -> word(family, value).let { if (it == value) readable(value) else it }
            is List<*> -> list(value) { formed(it, family) }
            is Map<*, *> -> structure(value, family)
            else -> plain(value)
        }

    /** What keeps a lot back has a code, what is wrong with an address a reason; an alternative has its name as its key. */
    private fun structure(value: Map<*, *>, family: String): String {
        val params = value.entries.associate { it.key.toString() to it.value }
        val single = params.keys.singleOrNull()
        val coded = listOf(value["code"], value["reason"]).firstNotNullOfOrNull { template("$family.$it") }
        val named = single?.let { template("$family.$it") }
        val template = coded ?: named ?: template(family) ?: return plain(value)
        val inside = if (coded == null && named != null) params[single] as? Map<*, *> else null
        return fill(template, inside?.entries?.associate { it.key.toString() to it.value } ?: params)
    }

    /** Values one after the other; a list inside of a list says what belongs together. */
    private fun list(all: List<*>, show: (Any?) -> String): String {
        val colon = if (language == Language.ZH) "：" else ": "
        return several(all.map { one -> if (one is List<*>) one.joinToString(colon, transform = show) else show(one) })
    }

    private fun nth(number: Long): String {
        val ending =
            when {
                number % 100 in 11..13 -> "th"
                number % 10 == 1L -> "st"
                number % 10 == 2L -> "nd"
                number % 10 == 3L -> "rd"
                else -> "th"
            }
        return if (language == Language.ZH) "第 $number " else "$number$ending"
    }
}

private class Sentence(val en: String, val zh: String)

private const val SHORT = 6
private val PART = Regex("\\{([^}]*)\\}|\\[([^\\]]*)\\]")
private val MEMBER = Regex("[0-9a-f]{64}")
private val REFERENCE = Regex("[0-9a-f]{32}-\\d+-[0-9a-f]{32}")

private val table: Map<String, Sentence> by lazy {
    val file = checkNotNull(Words::class.java.getResourceAsStream("/words.tsv")) { "words.tsv is no resource of this app" }
    file.bufferedReader().useLines { lines ->
        lines.filter { it.isNotEmpty() && !it.startsWith("#") }.associate { line ->
            val (key, en, zh) = line.split('\t').map { it.replace("\\n", "\n") }
            key to Sentence(en, zh)
        }
    }
}

private fun name(hole: String): String = hole.takeWhile { it !in ":|?" }

private fun whole(value: Any?): Long? = (value as? Number)?.toLong() ?: (value as? String)?.toLongOrNull()

private fun isSaid(value: Any?): Boolean =
    when (value) {
        null, false, "" -> false
        is Collection<*> -> value.isNotEmpty()
        is Map<*, *> -> value.isNotEmpty()
        else -> true
    }

private fun yuan(cents: Long): String {
    val digits = Math.abs(cents).toString().padStart(3, '0')
    return (if (cents < 0) "-" else "") + digits.dropLast(2) + "." + digits.takeLast(2)
}

/** The phone's own time zone; no `java.time`, so that phones before Android 8 need no second library. */
fun byTheWall(at: Instant): String =
    SimpleDateFormat("yyyy-MM-dd HH:mm", Locale.ROOT).format(Date(at.toEpochMilliseconds()))
