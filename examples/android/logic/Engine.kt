package org.linli.sample

import kotlin.time.Clock
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.linli.AlarmOf
import org.linli.Linli
import org.linli.LinliException
import org.linli.Node
import org.linli.NodeOptions
import org.linli.sample.words.Words

/** What only Android can do. */
interface Platform {
    /** Starts or stops the foreground service. */
    fun keepAlive(on: Boolean)

    /** Takes or gives back the Wi-Fi multicast lock. */
    fun holdMulticast(on: Boolean)

    /** Sets the one alarm, in place of the one before. */
    fun set(wake: Wake)

    /** Whether Android lets the app set exact alarms. */
    val exactAlarms: Boolean
}

/** How the engine stands. */
sealed interface EngineState {
    data object Opening : EngineState

    data class Ready(val linli: Linli) : EngineState

    data class Unavailable(val problem: Problem) : EngineState
}

/**
 * The engine's life in an Android process: one for each process, made in `Application.onCreate`.
 *
 * Nothing is lost when the process dies: whatever was answered is on the disk, and whatever was not is sent again under
 * the same command id. So there is nothing to save here, and a process that Android starts anew, for an alarm or a
 * service, opens the home and goes on.
 *
 * @param scope lives as long as the process.
 */
class Engine(
    private val scope: CoroutineScope,
    private val platform: Platform,
    private val words: Words,
    private val clock: Clock = Clock.System,
    private val open: suspend () -> Linli,
) {
    private val shown = MutableStateFlow<EngineState>(EngineState.Opening)
    val state: StateFlow<EngineState> = shown.asStateFlow()

    private val situation = MutableStateFlow(Situation(member = false))

    /** One change of life at a time. */
    private val turn = Mutex()
    private var node: Node? = null
    private var asleep = false

    fun start() {
        scope.launch { openHome() }
        scope.launch { situation.map(::presence).distinctUntilChanged().collectLatest(::become) }
        scope.launch { state.filterIsInstance<EngineState.Ready>().collectLatest { (linli) -> follow(linli) } }
    }

    /** Something is otherwise: the app is on the screen or not, on a Wi-Fi or not, somebody meets over Bluetooth. */
    fun now(change: Situation.() -> Situation) = situation.update(change)

    /** The engine, once it is open. */
    suspend fun ready(): Linli = state.filterIsInstance<EngineState.Ready>().first().linli

    /** The running node, if there is one: whoever invites names its addresses. */
    suspend fun node(): Node? = turn.withLock { node }

    /** What a screen could not do without a word: wake the engine, or open it again. */
    suspend fun cure(problem: Problem) {
        when (problem.cure) {
            Cure.RESUME -> turn.withLock { wakeUp() }
            Cure.REOPEN -> reopen()
            else -> {}
        }
    }

    /** An alarm went off, or Android has started: wake, look, set the next one. Returns what to notify of. */
    suspend fun alarmWentOff(): AlarmOf? {
        val linli = ready()
        turn.withLock { wakeUp() }
        val next = linli.ask { nextReminder() }
        setAlarm(linli)
        return next?.takeIf { it.at <= clock.now() }?.of
    }

    private suspend fun openHome() {
        turn.withLock {
            shown.value =
                try {
                    EngineState.Ready(open())
                } catch (error: LinliException) {
                    EngineState.Unavailable(words.problem(error))
                }
            asleep = false
        }
    }

    private suspend fun reopen() {
        turn.withLock {
            val before = (shown.value as? EngineState.Ready)?.linli
            shown.value = EngineState.Opening
            node = null
            before?.shutDown()
        }
        openHome()
        become(presence(situation.value))
    }

    /** Carries out a decision. A newer one cancels the wait before a sleep. */
    private suspend fun become(wanted: Presence) {
        val linli = ready()
        platform.keepAlive(wanted.service)
        platform.holdMulticast(wanted.multicast)
        try {
            val rest = wanted.suspendAfter
            if (rest == null) {
                turn.withLock {
                    wakeUp()
                    if (wanted.node) begin(linli) else stop()
                }
            } else {
                turn.withLock { stop() }
                delay(rest)
                turn.withLock { asleep = linli.suspendWithin(DEADLINE) }
            }
        } catch (error: LinliException) {
            val problem = words.problem(error)
            if (problem.cure == Cure.REOPEN) scope.launch { reopen() } else shown.value = EngineState.Unavailable(problem)
        }
    }

    private suspend fun begin(linli: Linli) {
        if (node == null) node = linli.ask { startNode(NodeOptions()) }
    }

    private suspend fun stop() {
        node?.stop()
        node?.close()
        node = null
    }

    private suspend fun wakeUp() {
        val linli = (shown.value as? EngineState.Ready)?.linli ?: return
        if (!asleep) return
        linli.resume()
        asleep = false
    }

    /** Keeps the situation and the alarm right while the engine is open. */
    private suspend fun follow(linli: Linli) {
        linli.watch("alert", "order") { member() != null to alerts().size }.collect { (member, alerts) ->
            now { copy(member = member, alerts = alerts) }
            setAlarm(linli)
        }
    }

    private suspend fun setAlarm(linli: Linli) {
        platform.set(wake(linli.ask { nextReminder() }, clock.now(), platform.exactAlarms))
    }

    private companion object {
        /** Android gives a process that left the screen a few seconds. */
        val DEADLINE = 3.seconds
    }
}
