package org.linli.sample

import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import org.linli.Alarm
import org.linli.AlarmOf
import org.linli.Words

/** The one alarm to be set with Android; the one before it is replaced. */
sealed interface Wake {
    data object Never : Wake

    /** [exact] only where somebody may be in need and Android lets the app: else it may come minutes late. */
    data class At(val at: Instant, val exact: Boolean) : Wake
}

/**
 * The alarm for the engine's next reminder. It is set again after every change, after a boot and when it went off: the
 * engine keeps no timer of its own, so a phone that is off or frozen loses nothing.
 */
fun wake(next: Alarm?, now: Instant, mayBeExact: Boolean): Wake {
    val alarm = next ?: return Wake.Never
    // What is due already rings at once, but never in a loop without a pause.
    return Wake.At(maxOf(alarm.at, now + LEAST), exact = mayBeExact && alarm.of is AlarmOf.AlertLouder)
}

/** What the notification says when it rings. */
fun Words.reminder(of: AlarmOf): String =
    when (of) {
        is AlarmOf.AlertLouder -> say("alarm.alert_louder")
        is AlarmOf.NeededBy -> say("alarm.needed_by")
        is AlarmOf.LeaseEnds -> say("alarm.lease_ends")
    }

private val LEAST = 5.seconds
