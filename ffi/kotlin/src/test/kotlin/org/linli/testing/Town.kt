package org.linli.testing

import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.linli.BundleContent
import org.linli.ByteSocket
import org.linli.CommandId
import org.linli.Linli
import org.linli.MemorySecrets
import org.linli.NewItem
import org.linli.NewOrder
import org.linli.OrderWay
import org.linli.OrderCommand
import org.linli.Phone
import org.linli.Reference
import org.linli.Role
import org.linli.SecretStore
import org.linli.Urgency
import org.linli.asByteSocket

/** Real phones in a folder that goes with the test. */
class Town(val scope: CoroutineScope) {
    val folder: File = Files.createTempDirectory("linli-test-").toFile()
    private val phones = ArrayList<Linli>()

    /** A phone that belongs nowhere yet. */
    suspend fun newcomer(
        name: String,
        secrets: SecretStore = MemorySecrets(),
        declarations: List<String> = emptyList(),
    ): Linli = Linli.open(File(folder, name), secrets, declarations = declarations).also { phones += it }

    /** A phone that has founded a community. */
    suspend fun founder(): Linli = newcomer("Wu").also { it.phone.found("Wu") }

    /** A volunteer's phone that knows what the founder's does. */
    suspend fun volunteer(founder: Linli, name: String): Linli {
        val phone = newcomer(name)
        founder.phone.admit(CommandId.random(), phone.phone.record(), Role.VOLUNTEER, null, name)
        phone.phone.join(founder.phone.welcome())
        carry(founder, phone)
        return phone
    }

    /** All that one knows, as a file, to the other. */
    suspend fun carry(from: Linli, to: Linli) {
        to.phone.importBundleBytes(from.phone.exportBundleBytes(BundleContent.All))
    }

    suspend fun close() {
        for (phone in phones) {
            try {
                phone.shutDown()
            } catch (_: IllegalStateException) {
                // The test has let go of it.
            }
        }
        folder.deleteRecursively()
    }
}

/** Runs a test with real phones; what is launched in its scope ends with it. */
fun town(test: suspend Town.() -> Unit) =
    runBlocking(Dispatchers.Default) {
        withTimeout(150.seconds) {
            val job = Job(coroutineContext[Job])
            val town = Town(CoroutineScope(coroutineContext + job))
            try {
                town.test()
            } finally {
                job.cancelAndJoin()
                town.close()
            }
        }
    }

/** How long anything in a test may take, on a busy machine too. */
val PATIENCE = 60.seconds

/** The first value that is so; fails if none comes. */
suspend fun <T> Flow<T>.until(what: (T) -> Boolean): T = withTimeout(PATIENCE) { first { what(it) } }

suspend fun Phone.post(room: String, vararg items: String, note: String? = null, on: String = "3"): Reference {
    val order =
        NewOrder(
            building = on,
            room = room,
            kind = "grocery",
            urgency = Urgency.NORMAL,
            way = OrderWay.APP,
            note = note,
            items = items.map { NewItem(it) },
        )
    return submitOrder(CommandId.random(), OrderCommand.Post(order)).aggregate
}

/** Both ends of a socket of this machine, with so much room on the way if it is to be little. */
fun sockets(room: Int? = null): Pair<ByteSocket, ByteSocket> =
    ServerSocket().use { door ->
        val dialled = Socket()
        if (room != null) {
            door.receiveBufferSize = room
            dialled.receiveBufferSize = room
            dialled.sendBufferSize = room
        }
        door.bind(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1)
        dialled.connect(door.localSocketAddress)
        dialled.asByteSocket() to door.accept().asByteSocket()
    }

/** Cancels a job when somebody takes their turn here for the [turn]th time: 0 is before anything has begun. */
class CancelsAt(private val turn: Int, private val job: () -> Job) : CoroutineDispatcher() {
    private val turns = AtomicInteger()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        if (turns.getAndIncrement() == turn) job().cancel()
        Dispatchers.IO.dispatch(context, block)
    }
}
