package org.linli.sample

import kotlin.time.Clock
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.linli.Alarm
import org.linli.AlarmOf
import org.linli.Cure
import org.linli.Linli
import org.linli.LinliException
import org.linli.Node
import org.linli.NodeOptions
import org.linli.Problem
import org.linli.problemOf

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
    private val clock: Clock = Clock.System,
    private val open: suspend () -> Linli,
) {
    private val shown = MutableStateFlow<EngineState>(EngineState.Opening)
    val state: StateFlow<EngineState> = shown.asStateFlow()

    private val situation = MutableStateFlow(Situation(member = false))

    /** How often a home was opened. */
    private val lives = MutableStateFlow(0)

    /** One change of life at a time. */
    private val turn = Mutex()
    private var current: Linli? = null
    private var node: Node? = null
    private var asleep = false

    fun start() {
        scope.launch { turn.withLock { openHome() } }
        scope.launch { situation.map(::presence).combine(lives, ::Pair).distinctUntilChanged().collectLatest { (it) -> become(it) } }
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
            Cure.REOPEN -> reopen(turn.withLock { current })
            Cure.RETRY, Cure.MAKE_ROOM -> if (state.value is EngineState.Unavailable) reopen(turn.withLock { current })
            else -> {}
        }
    }

    /** An alarm went off, or Android has started: wake, look, set the next one. Returns what to notify of. */
    suspend fun alarmWentOff(): AlarmOf? {
        val linli = ready()
        turn.withLock { wakeUp() }
        val next = linli.ask { if (member() == null) null else nextReminder() }
        set(next)
        return next?.takeIf { it.at <= clock.now() }?.of
    }

    private suspend fun openHome() {
        shown.value =
            try {
                EngineState.Ready(open().also { current = it })
            } catch (error: LinliException) {
                EngineState.Unavailable(problemOf(error))
            }
        asleep = false
        lives.update { it + 1 }
    }

    /** Opens the home anew in place of this one; not if somebody has done so meanwhile. */
    private suspend fun reopen(ended: Linli?) {
        turn.withLock {
            if (current !== ended) return
            shown.value = EngineState.Opening
            node?.close()
            node = null
            current = null
            ended?.shutDown()
            openHome()
        }
    }

    /** Carries out a decision. A newer one cancels the wait before a sleep. */
    private suspend fun become(wanted: Presence) {
        val linli = ready()
        platform.keepAlive(wanted.service)
        platform.holdMulticast(wanted.multicast)
        try {
            val rest = wanted.suspendAfter
            turn.withLock {
                // To its end, though a newer decision may have come: a node that has begun is one that is known here.
                withContext(NonCancellable) {
                    if (rest == null) wakeUp()
                    if (wanted.node) begin(linli) else stop()
                }
            }
            if (rest != null) {
                delay(rest)
                turn.withLock {
                    // Said before it is done: to wake what is awake does no harm.
                    asleep = true
                    linli.suspendWithin(DEADLINE)
                }
            }
        } catch (error: LinliException) {
            failed(linli, error)
        }
    }

    private suspend fun begin(linli: Linli) {
        if (node == null) node = linli.ask { startNode(NodeOptions()) }
    }

    private suspend fun stop() {
        val ended = node ?: return
        node = null
        ended.use { it.stop() }
    }

    private suspend fun wakeUp() {
        if (!asleep) return
        current?.resume()
        asleep = false
    }

    /** Keeps the situation and the alarm right while the engine is open. */
    private suspend fun follow(linli: Linli) {
        val known = linli.watch("alert", "order") { if (member() == null) null else Known(alerts().size, nextReminder()) }
        known.catch { error -> if (error is LinliException) failed(linli, error) else throw error }.collect { now ->
            now { copy(member = now != null, alerts = now?.alerts ?: 0) }
            set(now?.next)
        }
    }

    private class Known(val alerts: Int, val next: Alarm?)

    private fun set(next: Alarm?) = platform.set(wake(next, clock.now(), platform.exactAlarms))

    /** What a person cannot cure is cured; else they are told. */
    private fun failed(linli: Linli, error: LinliException) {
        val problem = problemOf(error)
        if (problem.cure == Cure.REOPEN) scope.launch { reopen(linli) } else shown.value = EngineState.Unavailable(problem)
    }

    private companion object {
        /** Android gives a process that left the screen a few seconds. */
        val DEADLINE = 3.seconds
    }
}
