package org.linli

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flow

/** How an invitation stands, from now until it is over. Of time that passes, now and then. */
fun Inviting.states(): Flow<InvitingState> =
    following({ state() }, { nextState(it) }) { it is InvitingState.Admitted || it is InvitingState.Over }

/** How asking for admission stands, from now until this device has joined or it came to nothing. */
fun Joining.states(): Flow<JoiningState> =
    following({ state() }, { nextState(it) }) { it is JoiningState.Joined || it is JoiningState.Failed }

/** Who is connected, now and whenever that changes, until the node stops or the phone sleeps. */
fun Node.connections(): Flow<List<ConnectedPeer>> =
    flow {
        var seen = change()
        emit(connected())
        while (true) {
            seen = nextChange(seen)
            emit(connected())
        }
    }.catch { error ->
        if (error !is LinliException.Closed && error !is LinliException.Suspended) throw error
    }

/** What stands now and whatever comes after it, up to the last. */
private fun <T> following(now: suspend () -> T, next: suspend (T) -> T, isLast: (T) -> Boolean): Flow<T> =
    flow {
        var shown = now()
        emit(shown)
        while (!isLast(shown)) {
            shown = next(shown)
            emit(shown)
        }
    }
