package org.linli.sample

import java.io.IOException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.linli.ByteSocket
import org.linli.testing.PATIENCE
import org.linli.testing.post
import org.linli.testing.sockets
import org.linli.testing.town

class MeetingsTest {
    @Test
    fun `two phones that find each other by beacon have met a moment later`() =
        town {
            val wu = founder()
            val mei = volunteer(wu, "Mei")
            wu.phone.post("101", "milk")
            mei.phone.post("102", "rice")
            val (wus, meis) = Meetings(wu) to Meetings(mei)
            val (here, there) = sockets()

            assertTrue(meis.isOurs(wus.beacon()!!))
            val accepted = scope.async { wus.accept(there) }
            val dialled = assertIs<Met.InStep>(meis.dial { here })
            assertIs<Met.InStep>(accepted.await())
            assertEquals(wu.phone.device(), dialled.device)
            assertEquals(1, dialled.received)
            assertEquals(wu.phone.stateHash(), mei.phone.stateHash())
            assertEquals(0, wus.count.value + meis.count.value)
        }

    @Test
    fun `a beacon says nothing to strangers, is never the same twice, and who belongs nowhere has none`() =
        town {
            val wu = founder()
            val stranger = newcomer("Gu").also { it.phone.found("Gu") }
            val beacons = List(10) { Meetings(wu).beacon()!!.toList() }

            assertEquals(10, beacons.toSet().size)
            assertEquals(16, beacons.first().size)
            assertFalse(Meetings(stranger).isOurs(beacons.first().toByteArray()))
            assertFalse(Meetings(wu).isOurs(byteArrayOf(1, 2, 3)))
            assertNull(Meetings(newcomer("He")).beacon())
        }

    @Test
    fun `a radio that does not connect is no error of the engine`() =
        town {
            val meetings = Meetings(founder())

            assertEquals(Met.Broken, meetings.dial { throw IOException("out of reach") })
            assertEquals(0, meetings.count.value)
        }

    @Test
    fun `a pipe that closes at once is a meeting that broke off`() =
        town {
            val meetings = Meetings(founder())
            val (here, there) = sockets()
            here.close()

            assertEquals(Met.Broken, meetings.accept(there))
        }

    @Test
    fun `a meeting that cannot begin leaves no socket open`() =
        town {
            val wu = founder()
            val meetings = Meetings(wu)
            assertTrue(wu.suspendWithin(PATIENCE))

            for (meet in listOf<suspend (ByteSocket) -> Met>({ meetings.accept(it) }, { meetings.dial { it } })) {
                val (here, there) = sockets()
                assertIs<Met.Failed>(meet(here))
                assertEquals(-1, withTimeout(PATIENCE) { withContext(Dispatchers.IO) { there.input.read() } })
            }
            assertEquals(0, meetings.count.value)
        }
}
