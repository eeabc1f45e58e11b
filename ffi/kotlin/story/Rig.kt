package org.linli.story

import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeoutOrNull
import org.linli.BoxCommand
import org.linli.CommandId
import org.linli.InvitingState
import org.linli.JoiningState
import org.linli.Linli
import org.linli.LinliException
import org.linli.MemorySecrets
import org.linli.Offer
import org.linli.OrderFilter
import org.linli.OrderLine
import org.linli.OrderState
import org.linli.OrderCommand
import org.linli.Peer
import org.linli.Phone
import org.linli.Pipe
import org.linli.PipeEnd
import org.linli.PipeState
import org.linli.Position
import org.linli.Reference
import org.linli.Role
import org.linli.asByteSocket
import org.linli.carry
import org.linli.states

/** A phone of the story: its home, its keystore, and the phone while it is open. */
class Rig(name: String, folder: File) {
    val home = File(folder, name)
    val secrets = MemorySecrets()
    lateinit var linli: Linli
    val phone: Phone get() = linli.phone

    suspend fun open(): Phone {
        linli = Linli.open(home, secrets)
        return phone
    }

    suspend fun board(state: OrderState = OrderState.OPEN): List<OrderLine> = phone.allOrders(OrderFilter(state = state))

    suspend fun order(command: OrderCommand, on: Reference? = null) = phone.submitOrder(CommandId.random(), command, on)

    suspend fun box(command: BoxCommand, on: Reference? = null) = phone.submitBox(CommandId.random(), command, on)
}

/** Every page of a board. */
suspend fun Phone.allOrders(filter: OrderFilter): List<OrderLine> {
    val lines = ArrayList<OrderLine>()
    var after: Position? = null
    do {
        val page = board(filter.copy(after = after))
        lines += page.items
        after = page.next
    } while (after != null)
    return lines
}

/** A conversation of two phones of this process, over a socket of the platform that is carried piece by piece. */
class Pumped private constructor(private val pipes: List<Pipe>, private val carried: List<Deferred<PipeEnd?>>) {
    /** Waits until both ends are in step, or it is over. */
    suspend fun untilInStep(patience: Duration = 60.seconds): Boolean =
        withTimeoutOrNull(patience) {
            while (carried.all { it.isActive } && !pipes.all { it.now()?.inStep == true }) delay(5.milliseconds)
            pipes.all { it.now()?.inStep == true }
        } ?: false

    /** Says goodbye at both ends; whether that came to an end. */
    suspend fun end(): Boolean {
        for (pipe in pipes) {
            try {
                pipe.sayGoodbye()
            } catch (_: LinliException) {
                // It is over already.
            }
        }
        val ended = withTimeoutOrNull(60.seconds) { carried.map { it.await() } } != null
        carried.forEach { it.cancel() }
        pipes.forEach(Pipe::close)
        return ended
    }

    private fun Pipe.now(): PipeState? =
        try {
            state()
        } catch (_: LinliException) {
            null
        }

    companion object {
        private const val PIECE = 4096

        fun of(scope: CoroutineScope, dialling: Pipe, accepting: Pipe): Pumped {
            val pipes = listOf(dialling, accepting)
            val carried =
                pipes.zip(sockets()).map { (pipe, socket) ->
                    scope.async(Dispatchers.IO) {
                        try {
                            pipe.carry(socket.asByteSocket(), piece = PIECE)
                        } catch (_: LinliException) {
                            null
                        }
                    }
                }
            return Pumped(pipes, carried)
        }

        private fun sockets(): List<Socket> =
            ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { door ->
                val dialled = Socket(door.inetAddress, door.localPort)
                listOf(dialled, door.accept())
            }
    }
}

suspend fun CoroutineScope.pump(one: Rig, other: Rig, peer: Peer? = null): Pumped {
    val dialling = one.phone.dialPipe(peer ?: Peer.Device(other.phone.device()))
    return Pumped.of(this, dialling, other.phone.acceptPipe())
}

/** One conversation, until both say that they are in step; whether they came to it. */
suspend fun CoroutineScope.sync(one: Rig, other: Rig, patience: Duration = 60.seconds, peer: Peer? = null): Boolean {
    val pumped = pump(one, other, peer)
    val inStep = pumped.untilInStep(patience)
    pumped.end()
    return inStep
}

/** What both screens showed while somebody joined. */
class Joined(val asked: String, val shown: String, val community: org.linli.CommunityId)

/** The newcomer asks by an invitation, over pipes; the inviting person confirms what both screens show. */
suspend fun CoroutineScope.join(inviter: Rig, newcomer: Rig, name: String): Joined {
    val inviting = inviter.phone.invite(Offer(Role.VOLUNTEER, name = name), emptyList())
    val joining = newcomer.phone.ask(inviting.text())
    val pumped = Pumped.of(this, joining.pipe(), inviter.phone.acceptPipe())
    val asked = joining.states().first { it is JoiningState.Comparing || it is JoiningState.Failed } as JoiningState.Comparing
    val shown = inviting.states().first { it is InvitingState.Comparing } as InvitingState.Comparing
    inviting.confirm(shown.digits)
    val joined = joining.states().first { it is JoiningState.Joined || it is JoiningState.Failed } as JoiningState.Joined
    pumped.end()
    // Who has just joined knows nobody yet but by the invitation.
    sync(newcomer, inviter, peer = joining.peer())
    inviting.close()
    joining.close()
    return Joined(asked.digits, shown.digits, joined.community)
}
