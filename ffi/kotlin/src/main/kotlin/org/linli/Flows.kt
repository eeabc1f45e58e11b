package org.linli

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.transformWhile

/** How an invitation stands, from now until it is over. Of time that passes, now and then. */
fun Inviting.states(): Flow<InvitingState> =
    flow {
        var shown = state()
        emit(shown)
        while (true) {
            shown = nextState(shown)
            emit(shown)
        }
    }.transformWhile { state ->
        emit(state)
        state !is InvitingState.Admitted && state !is InvitingState.Over
    }

/** How asking for admission stands, from now until this device has joined or it came to nothing. */
fun Joining.states(): Flow<JoiningState> =
    flow {
        var shown = state()
        emit(shown)
        while (true) {
            shown = nextState(shown)
            emit(shown)
        }
    }.transformWhile { state ->
        emit(state)
        state !is JoiningState.Joined && state !is JoiningState.Failed
    }

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
