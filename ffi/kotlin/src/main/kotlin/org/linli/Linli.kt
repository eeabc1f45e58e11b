package org.linli

import java.io.File
import kotlin.time.Duration
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.withContext

/**
 * A phone as Kotlin likes it: calls on a dispatcher of one's choice, news and screens as flows, times as durations.
 *
 * One for each process and home. All that [Phone] can do is there by [ask]. Nothing here blocks a thread of the app: the
 * engine waits for its disk on threads of its own, and [dispatcher] only reads answers out of the bytes they come in.
 */
class Linli(val phone: Phone, private val dispatcher: CoroutineDispatcher = Dispatchers.Default) : AutoCloseable {
    /**
     * Asks the phone something, away from the main thread. A node, a pipe or whatever else is to be closed is closed again
     * if whoever asked was cancelled before it came to them.
     */
    suspend fun <T> ask(call: suspend Phone.() -> T): T =
        handedOver(dispatcher, spare = phone) { phone.call() }

    /**
     * News from the moment of collecting, until the phone is closed. It sleeps when the phone does, and says
     * [Update.Missed] afterwards.
     */
    fun updates(): Flow<Update> = batches().transform { batch -> for (update in batch) emit(update) }

    /**
     * What a screen shows: read at once, and again whenever something of these [kinds] changes, or what it is [about].
     * None named is all. What happens during a read is seen by one more read, however much it was.
     *
     * While the phone sleeps nothing is emitted; after that it is read anew. It ends when the phone is closed. Other errors
     * are thrown to whoever collects.
     *
     * @param kinds of aggregates, such as `order`; `roster` for who belongs, `peer` for how far others are,
     *   `newer` for what only a newer app reads.
     */
    fun <T> watch(vararg kinds: String, about: Reference? = null, read: suspend Phone.() -> T): Flow<T> {
        val wanted = kinds.toSet()
        return batches(first = listOf(Update.Missed))
            .filter { batch -> batch.any { it.concerns(wanted, about) } }
            .conflate()
            .transformWhile {
                val shown =
                    try {
                        Shown(phone.read())
                    } catch (_: LinliException.Suspended) {
                        null
                    } catch (_: LinliException.Closed) {
                        return@transformWhile false
                    }
                if (shown != null) emit(shown.value)
                true
            }.flowOn(dispatcher)
    }

    /** Updates as they crossed, several at a time; [first] comes as soon as nothing can be missed any more. */
    private fun batches(first: List<Update> = emptyList()): Flow<List<Update>> =
        flow {
            phone.updates().use { updates ->
                if (first.isNotEmpty()) emit(first)
                while (true) {
                    val batch = updates.nextUpdates(MOST)
                    if (batch.isEmpty()) break
                    emit(batch)
                }
            }
        }.flowOn(dispatcher)

    /**
     * Goes to sleep before Android freezes the process, so that no file is locked: false if calls under way took longer
     * than this; they let go when they end. What is asked meanwhile throws [LinliException.Suspended].
     */
    suspend fun suspendWithin(deadline: Duration): Boolean =
        withContext(NonCancellable + dispatcher) { phone.suspend(deadline.inWholeMilliseconds.coerceAtLeast(0).toULong()) }

    /** Wakes up. Nodes and pipes are to be started again; flows go on by themselves. */
    suspend fun resume() = ask { resume() }

    /**
     * Closes for good, and waits until no file is held. Whoever still asks is answered [LinliException.Closed]; the handle
     * goes with the last who holds it.
     *
     * @throws LinliException.HomeInUse if a call is still under way after ten seconds, which then lets go by itself; once more
     *   waits on.
     */
    suspend fun shutDown() = withContext(NonCancellable + dispatcher) { phone.shutDown() }

    /** Lets go without waiting. [shutDown] is better where one can wait. */
    override fun close() = phone.close()

    private class Shown<T>(val value: T)

    companion object {
        private val MOST = 256u

        /**
         * Opens a home, making it if it is new.
         *
         * @param home a directory of the app's own that is in no backup: `File(context.noBackupFilesDir, "linli")`.
         * @param declarations aggregates of the app's own, each as JSON; see `ffi/README.md`.
         * @throws LinliException see `ffi/ERRORS.md` for what an app does about each.
         */
        suspend fun open(
            home: File,
            secrets: SecretStore,
            dispatcher: CoroutineDispatcher = Dispatchers.Default,
            declarations: List<String> = emptyList(),
        ): Linli = Linli(handedOver(dispatcher) { Phone.open(home.path, secrets, declarations) }, dispatcher)
    }
}

/**
 * Makes something on a dispatcher. An answer on its way to somebody who was cancelled meanwhile reaches nobody: what is to
 * be closed is closed then, for nobody else knows of it; but for [spare], which others hold.
 */
private suspend fun <T> handedOver(dispatcher: CoroutineDispatcher, spare: Any? = null, make: suspend () -> T): T {
    var made: T? = null
    return try {
        withContext(dispatcher) { make().also { made = it } }
    } catch (cancelled: CancellationException) {
        (made as? AutoCloseable)?.takeIf { it !== spare }?.close()
        throw cancelled
    }
}

/** Whether a screen that shows these kinds, or this one thing, is to be read again. */
internal fun Update.concerns(kinds: Set<String>, about: Reference?): Boolean =
    when (this) {
        is Update.Changed -> (kinds.isEmpty() || kind in kinds) && (about == null || aggregate == about)
        is Update.Review -> (kinds.isEmpty() || kind in kinds) && (about == null || aggregate == about)
        // Names and rights are on most screens; what is erased may be on any.
        Update.Roster, Update.Erased, Update.Missed -> true
        Update.Newer -> kinds.isEmpty() || "newer" in kinds
        is Update.Peer -> kinds.isEmpty() || "peer" in kinds
        Update.Invitation -> kinds.isEmpty() || "invitation" in kinds
    }
