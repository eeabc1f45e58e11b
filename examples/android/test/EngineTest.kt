package org.linli.sample

import java.io.File
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Clock
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout
import org.linli.AlarmOf
import org.linli.AlertCommand
import org.linli.CommandId
import org.linli.Linli
import org.linli.LinliException
import org.linli.MemorySecrets
import org.linli.OrderFilter
import org.linli.OrderState
import org.linli.problemOf
import org.linli.testing.PATIENCE
import org.linli.testing.Town
import org.linli.testing.town
import org.linli.testing.until

class EngineTest {
    private val board = OrderFilter(state = OrderState.OPEN)

    /** What Android was asked for, in order. */
    private class Asked : Platform {
        val all = CopyOnWriteArrayList<String>()

        @Volatile
        var wake: Wake = Wake.Never
        override val exactAlarms = true

        override fun keepAlive(on: Boolean) {
            all += "service $on"
        }

        override fun holdMulticast(on: Boolean) {
            all += "multicast $on"
        }

        override fun set(wake: Wake) {
            this.wake = wake
        }
    }

    private fun Town.engine(asked: Asked, clock: Clock = Clock.System): Engine {
        val secrets = MemorySecrets()
        val engine = Engine(scope, asked, clock) { Linli.open(File(folder, "Wu"), secrets) }
        engine.start()
        return engine
    }

    private suspend fun eventually(what: suspend () -> Boolean) = withTimeout(PATIENCE) { while (!what()) delay(20.milliseconds) }

    @Test
    fun `on the screen there is a node, off it the home is let go of, and back on it all goes on`() =
        town {
            val engine = engine(Asked())
            val linli = engine.ready()
            linli.phone.found("Wu")
            engine.now { copy(onScreen = true) }
            eventually { engine.node() != null }

            engine.now { copy(onScreen = false) }
            eventually { engine.node() == null }
            eventually { runCatching { linli.phone.board(board) }.exceptionOrNull() is LinliException.Suspended }

            engine.now { copy(onScreen = true) }
            eventually { engine.node() != null }
            assertEquals(0, linli.phone.board(board).items.size)
            engine.now { copy(onScreen = false) }
            eventually { engine.node() == null }
            linli.shutDown()
        }

    @Test
    fun `whoever changes their mind again and again has a node that runs, and one alone`() =
        town {
            val engine = engine(Asked())
            val linli = engine.ready()
            linli.phone.found("Wu")
            // A decision is often overtaken by the next one in the midst of what it does.
            repeat(60) {
                engine.now { copy(onScreen = it % 2 == 0) }
                delay((it % 7).milliseconds)
            }
            engine.now { copy(onScreen = true) }

            // The last decision stands in the end, with a node that nobody has stopped.
            eventually {
                val ports = List(2) { delay(150.milliseconds).let { runCatching { engine.node()?.port() }.getOrNull() } }
                ports.first() != null && ports.toSet().size == 1
            }
            engine.now { copy(onScreen = false) }
            eventually { engine.node() == null }
            linli.shutDown()
        }

    @Test
    fun `somebody on duty has a service and a lock instead of a sleep`() =
        town {
            val asked = Asked()
            val engine = engine(asked)
            val linli = engine.ready()
            linli.phone.found("Wu")
            engine.now { copy(onScreen = true, localNetwork = true, onDuty = true) }
            eventually { asked.all.lastOrNull { "multicast" in it } == "multicast true" }
            engine.now { copy(onScreen = false) }
            eventually { "service true" in asked.all }

            assertNotNull(engine.node())
            engine.now { copy(onDuty = false, localNetwork = false) }
            eventually { asked.all.last { "service" in it } == "service false" }
            eventually { engine.node() == null }
            linli.shutDown()
        }

    @Test
    fun `a call for help sets an alarm, who answers puts it off, and what is over takes it back`() =
        town {
            val asked = Asked()
            val engine = engine(asked)
            val linli = engine.ready()
            linli.phone.found("Wu")
            val before = Clock.System.now()
            val alert = linli.phone.submitAlert(CommandId.random(), AlertCommand.Raise("chest_pain", building = "3")).aggregate

            eventually { asked.wake is Wake.At }
            val set = assertIs<Wake.At>(asked.wake)
            assertTrue(set.exact && set.at > before && set.at < before + 3600.seconds, "$set")
            linli.phone.submitAlert(CommandId.random(), AlertCommand.Acknowledge, alert)
            // An answer that leads to nothing is heard of again.
            eventually { (asked.wake as? Wake.At)?.let { it.at > before + 240.seconds } == true }
            linli.phone.submitAlert(CommandId.random(), AlertCommand.Resolve("helped"), alert)
            eventually { asked.wake == Wake.Never }
            linli.shutDown()
        }

    @Test
    fun `an alarm that goes off wakes a sleeping engine and says what for`() =
        town {
            val later =
                object : Clock {
                    override fun now(): Instant = Clock.System.now() + 3600.seconds
                }
            val engine = engine(Asked(), later)
            val linli = engine.ready()
            linli.phone.found("Wu")
            assertNull(engine.alarmWentOff())
            linli.phone.submitAlert(CommandId.random(), AlertCommand.Raise("fire", building = "3"))

            assertIs<AlarmOf.AlertLouder>(engine.alarmWentOff())
            linli.shutDown()
        }

    @Test
    fun `a fault inside ends neither the process nor what is known`() =
        town {
            val engine = engine(Asked())
            val before = engine.ready()
            before.phone.found("Wu")
            val community = before.phone.community()
            val broken = runCatching { before.phone.provokePanic() }.exceptionOrNull()
            assertIs<LinliException.Broken>(broken)

            engine.cure(problemOf(broken))
            val again = assertIs<EngineState.Ready>(engine.state.until { it is EngineState.Ready && it.linli !== before }).linli
            assertEquals(community, again.phone.community())
            again.shutDown()
        }

    @Test
    fun `a home that does not open says why`() =
        town {
            File(folder, "Wu").writeText("a file, not a folder")
            val engine = engine(Asked())

            val unavailable = assertIs<EngineState.Unavailable>(engine.state.until { it !is EngineState.Opening })
            assertEquals("error.storage", unavailable.problem.key)
        }
}
