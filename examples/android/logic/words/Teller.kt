package org.linli.sample.words

import kotlin.time.Instant
import org.linli.Json
import org.linli.LinliException
import org.linli.MemberId
import org.linli.Review
import org.linli.Told

/** Tells what was done, refused or found, with people by their names and times by the wall. */
class Teller(
    words: Words,
    names: Map<MemberId, String> = emptyMap(),
    clock: (Instant) -> String = ::byTheWall,
) {
    val words: Words = words.knowing(names, clock)

    /** A line of a history: "Wu delivered it". */
    fun told(aggregate: String, told: Told): String {
        val who = told.by?.let(words::name) ?: words.say("screen.somebody")
        val what = words.say("event.$aggregate.${told.code}", told.params.values)
        val held = told.held?.let { " (${words.word("held", it.name.lowercase())})" }.orEmpty()
        return "$who $what$held"
    }

    /** Something that a person should look at. */
    fun review(review: Review): String = words.say("review.${review.code}", review.params.values)

    /** Why a command was refused; the engine's English where this app does not know the code yet. */
    fun refusal(refused: LinliException.Refused): String {
        val key = if (refused.by == "address") "address.${refused.code}" else "refusal.${refused.by}.${refused.code}"
        return if (words.has(key)) words.say(key, refused.params.mapValues { read(it.value) }) else refused.reason
    }

    fun name(member: MemberId): String = words.name(member)

    fun time(at: Instant): String = words.time(at)

    /** What an error carries: a text, or JSON where it is a list or a structure. */
    private fun read(text: String): Any? =
        when {
            text == "null" -> null
            text.startsWith("[") || text.startsWith("{") -> Json("""{"value":$text}""").values["value"] ?: text
            else -> text
        }
}
