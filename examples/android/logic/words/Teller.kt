package org.linli.sample.words

import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import kotlin.time.Instant
import org.linli.Json
import org.linli.LinliException
import org.linli.MemberId
import org.linli.Review
import org.linli.Told
import org.linli.cleanLine

/** Tells what was done, refused or found, with people by their names and times by the wall. */
class Teller(
    val words: Words,
    private val names: Map<MemberId, String> = emptyMap(),
    private val clock: (Instant) -> String = ::byTheWall,
) {
    /** A line of a history: "Wu delivered it". */
    fun told(aggregate: String, told: Told): String {
        val who = told.by?.let(::name) ?: words.say("screen.somebody")
        val what = words.say("event.$aggregate.${told.code}", params(told.params))
        val held = told.held?.let { " (${words.word("held", it.name.lowercase())})" }.orEmpty()
        return "$who $what$held"
    }

    /** Something that a person should look at. */
    fun review(review: Review): String = words.say("review.${review.code}", params(review.params))

    /** Why a wish was refused; the engine's English where this app does not know the code yet. */
    fun refusal(refused: LinliException.Refused): String {
        val key = if (refused.by == "address") "address.${refused.code}" else "refusal.${refused.by}.${refused.code}"
        return if (words.has(key)) words.say(key, params(refused.params)) else refused.reason
    }

    /** What others call themselves may hold anything. */
    fun name(member: MemberId): String = names[member]?.let(::cleanLine) ?: short(member.text)

    fun time(at: Instant): String = clock(at)

    fun params(json: Json): Map<String, String> = params(json.values)

    /** Parameters as people read them. */
    fun params(values: Map<String, Any?>): Map<String, String> =
        values.mapValues { (name, value) ->
            val ms = if (name in TIMES) value.toString().toLongOrNull() else null
            if (ms != null) time(Instant.fromEpochMilliseconds(ms)) else readable(value)
        }

    private fun readable(value: Any?): String =
        when (value) {
            null -> words.say("screen.unknown")
            true -> words.say("screen.yes")
            false -> words.say("screen.no")
            is String -> readable(value)
            is List<*> -> value.joinToString(", ", transform = ::readable)
            is Map<*, *> -> structure(value)
            else -> value.toString()
        }

    private fun readable(text: String): String =
        when {
            MEMBER.matches(text) -> name(MemberId(text))
            REFERENCE.matches(text) -> "#" + text.substringAfterLast('-').take(SHORT)
            text.startsWith("[") || text.startsWith("{") -> Json("""{"value":$text}""").values["value"]?.let(::readable) ?: cleanLine(text)
            else -> cleanLine(words.word("word", text))
        }

    /** What keeps a lot back has a code, what is wrong with an address a reason. */
    private fun structure(value: Map<*, *>): String {
        val params = params(value.entries.associate { it.key.toString() to it.value })
        val keys = listOf("hidden.${value["code"]}", "address.${value["reason"]}")
        val key = keys.firstOrNull(words::has)
        return if (key != null) words.say(key, params) else value["value"]?.let(::readable) ?: value.toString()
    }

    private fun short(id: String): String = id.take(SHORT)

    private companion object {
        const val SHORT = 6
        val TIMES = setOf("since", "when", "until", "at")
        val MEMBER = Regex("[0-9a-f]{64}")
        val REFERENCE = Regex("[0-9a-f]{32}-\\d+-[0-9a-f]{32}")
    }
}

/** The phone's own time zone; no `java.time`, so that phones before Android 8 need no second library. */
fun byTheWall(at: Instant): String =
    SimpleDateFormat("yyyy-MM-dd HH:mm", Locale.ROOT).format(Date(at.toEpochMilliseconds()))
