package org.linli.sample

import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** All that decides how present the phone is for others. */
data class Situation(
    /** The device is admitted to a community. */
    val member: Boolean = true,
    /** One of the app's screens is to be seen. */
    val onScreen: Boolean = false,
    /** An invitation of ours is open, or we are asking for admission. */
    val admitting: Boolean = false,
    /** Pipes that run over Bluetooth or Wi-Fi Direct. */
    val pipes: Int = 0,
    /** Calls for help that are not over. */
    val alerts: Int = 0,
    /** The person has switched on "stay reachable". */
    val onDuty: Boolean = false,
    /** The phone is on a Wi-Fi or a wire, not only on a mobile network. */
    val localNetwork: Boolean = false,
    /** Android saves battery. */
    val savesBattery: Boolean = false,
)

/** How present the phone is. */
data class Presence(
    /** The engine's node listens, looks for phones and dials. */
    val node: Boolean,
    /** A foreground service of the type `connectedDevice` keeps the process alive. */
    val service: Boolean,
    /** A Wi-Fi multicast lock is held: without it many phones do not hear others that look for them. */
    val multicast: Boolean,
    /** The engine is suspended once this has passed: no file of it is locked then. `null` if it goes on. */
    val suspendAfter: Duration?,
)

/**
 * How present to be. Plain, so that it can be tested; [the service][Situation] only carries it out.
 *
 * On the screen the node runs without a service. Off the screen Android soon freezes a process without one, and a
 * process that is frozen while it holds a file lock blocks others: so either there is a reason for the service, or the
 * engine is suspended after a moment.
 */
fun presence(now: Situation): Presence {
    val busy = now.pipes > 0 || now.admitting
    val reachable = now.member && (now.onDuty || now.alerts > 0)
    val service = !now.onScreen && (busy || reachable)
    val node = now.onScreen && now.member || service || now.admitting
    // Listening to every multicast frame costs battery. Somebody who calls for help is worth it.
    val spare = now.savesBattery && now.alerts == 0 && !now.onScreen
    return Presence(
        node = node,
        service = service,
        multicast = node && now.localNetwork && !spare,
        suspendAfter = if (now.onScreen || service) null else GRACE,
    )
}

/** Leaving the app for a photo or a call and coming back should not close and open the database each time. */
private val GRACE = 10.seconds
