package org.linli.sample

import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant

/** The one alarm to be set with Android; the one before it is replaced. */
sealed interface Alarm {
    data object None : Alarm

    /** [exact] only if Android lets the app: else it may come minutes late. */
    data class At(val at: Instant, val exact: Boolean) : Alarm
}

/**
 * The alarm for the engine's next reminder. Set it again after every update, after a boot, and when it went off: the
 * engine keeps no timer of its own, so a phone that is off or frozen loses nothing.
 */
fun alarm(nextReminder: Instant?, now: Instant, mayBeExact: Boolean): Alarm {
    val at = nextReminder ?: return Alarm.None
    // What is due already goes off at once, but never in a loop without a pause.
    return Alarm.At(maxOf(at, now + LEAST), mayBeExact)
}

private val LEAST = 5.seconds
