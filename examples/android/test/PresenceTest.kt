package org.linli.sample

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import org.linli.Alarm
import org.linli.AlarmOf
import org.linli.Reference

class PresenceTest {
    @Test
    fun `on the screen the node runs without a service`() {
        val now = presence(Situation(onScreen = true, localNetwork = true))

        assertTrue(now.node && now.multicast)
        assertFalse(now.service)
        assertNull(now.suspendAfter)
    }

    @Test
    fun `off the screen with nothing to do the engine is suspended`() {
        val now = presence(Situation(localNetwork = true))

        assertFalse(now.node || now.service || now.multicast)
        assertNotNull(now.suspendAfter)
    }

    @Test
    fun `a pipe, an invitation, a call for help or duty keep the service`() {
        val reasons = listOf(Situation(pipes = 1), Situation(admitting = true), Situation(alerts = 1), Situation(onDuty = true))

        for (reason in reasons) {
            val now = presence(reason)
            assertTrue(now.service && now.node, "$reason")
            assertNull(now.suspendAfter)
        }
    }

    @Test
    fun `whoever is no member yet has no duty, but may ask`() {
        assertFalse(presence(Situation(member = false, onDuty = true)).service)
        assertFalse(presence(Situation(member = false, onScreen = true)).node)
        assertTrue(presence(Situation(member = false, onScreen = true, admitting = true)).node)
    }

    @Test
    fun `saving battery gives up the multicast lock, but not while somebody calls for help`() {
        val duty = Situation(onDuty = true, localNetwork = true, savesBattery = true)

        assertFalse(presence(duty).multicast)
        assertTrue(presence(duty).node)
        assertTrue(presence(duty.copy(alerts = 1)).multicast)
        assertTrue(presence(duty.copy(onScreen = true)).multicast)
    }

    @Test
    fun `there is never a service on the screen, a lock without a network or a service beside a suspension`() {
        val both = listOf(false, true)
        for (member in both) for (onScreen in both) for (admitting in both) for (onDuty in both) for (wifi in both)
            for (saves in both) for (pipes in 0..1) for (alerts in 0..1) {
                val situation = Situation(member, onScreen, admitting, pipes, alerts, onDuty, wifi, saves)
                val now = presence(situation)
                assertFalse(now.service && onScreen, "$situation")
                assertFalse(now.multicast && (!wifi || !now.node), "$situation")
                assertFalse(now.service && now.suspendAfter != null, "$situation")
            }
    }

    @Test
    fun `what is due already rings soon, what is not rings then, and nothing rings for nothing`() {
        val now = Instant.parse("2022-04-01T09:00:00Z")
        val alert = AlarmOf.AlertLouder(Reference("a"))

        assertEquals(Wake.Never, wake(null, now, mayBeExact = true))
        assertEquals(Wake.At(now + 2.hours, exact = true), wake(Alarm(now + 2.hours, alert), now, mayBeExact = true))
        assertEquals(Wake.At(now + 5.seconds, exact = false), wake(Alarm(now - 1.hours, alert), now, mayBeExact = false))
    }

    @Test
    fun `only a call for help rings to the second`() {
        val now = Instant.parse("2022-04-01T09:00:00Z")

        for (of in listOf(AlarmOf.NeededBy(Reference("a")), AlarmOf.LeaseEnds(Reference("a")))) {
            assertEquals(Wake.At(now + 1.hours, exact = false), wake(Alarm(now + 1.hours, of), now, mayBeExact = true))
        }
    }

    @Test
    fun `a person is asked for what their Android asks for`() {
        assertEquals(emptyList(), permissions(Feature.NEARBY_BY_WIFI, sdk = 36, target = 36))
        assertEquals(listOf("android.permission.ACCESS_LOCAL_NETWORK"), permissions(Feature.NEARBY_BY_WIFI, 37, 37))
        assertEquals(emptyList(), permissions(Feature.NOTIFY, sdk = 32, target = 36))
        assertEquals(3, permissions(Feature.NEARBY_BY_BLUETOOTH, sdk = 31, target = 36).size)
        assertEquals(
            listOf("android.permission.ACCESS_FINE_LOCATION"),
            permissions(Feature.NEARBY_BY_BLUETOOTH, sdk = 30, target = 36),
        )
    }
}
