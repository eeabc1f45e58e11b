package org.linli.sample.words

import org.linli.MemberId
import org.linli.Phone
import org.linli.Review
import org.linli.Told
import org.linli.Words

/**
 * The words of this app, in the language of a locale's tag such as `zh-Hans-CN`: Chinese where it says so, else English.
 *
 * They stand in the table that all samples share, `examples/words/words.tsv`, a resource of this app. The engine fills in
 * what it says in codes and parameters. Of a key without a sentence the key itself is shown: a code says more than nothing,
 * and a newer engine may have codes that an older app lacks.
 */
fun wordsOf(tag: String): Words = Words(table, tag)

private val table: String by lazy {
    val file = checkNotNull(Words::class.java.getResourceAsStream("/words.tsv")) { "words.tsv is no resource of this app" }
    file.bufferedReader().use { it.readText() }
}

/** The same words, for sentences that name people of a community and tell times by its clock. */
suspend fun Words.of(phone: Phone, names: Map<MemberId, String>? = null): Words =
    knowing((names ?: phone.names()).mapKeys { it.key.text }, phone.settings().utcOffsetMinutes)

fun Words.name(member: MemberId): String = called(member.text)

/** A line of a history: "Wu delivered it". */
fun Words.told(aggregate: String, told: Told): String {
    val who = told.by?.let(::name) ?: say("screen.somebody")
    val what = tell("event.$aggregate.${told.code}", told.params.text)
    val held = told.held?.let { " (${word("held", it.name.lowercase())})" }.orEmpty()
    return "$who $what$held"
}

/** Something that a person should look at. */
fun Words.review(review: Review): String = tell("review.${review.code}", review.params.text)
