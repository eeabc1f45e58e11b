package org.linli.story

import java.io.File
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.linli.CommandId
import org.linli.JoiningState
import org.linli.Linli
import org.linli.LinliException
import org.linli.NewItem
import org.linli.NewOrder
import org.linli.NodeOptions
import org.linli.OrderFilter
import org.linli.OrderState
import org.linli.OrderWay
import org.linli.OrderCommand
import org.linli.Peer
import org.linli.Phone
import org.linli.SecretStore
import org.linli.Urgency
import org.linli.connections
import org.linli.readInvitation
import org.linli.states

private val PATIENCE = 60.seconds
private val IN_STEP = 30.seconds

/** A phone in a terminal, for phones in different languages to meet: the contract stands in ffi/story/README.md. */
fun main(words: Array<String>) {
    val fault =
        try {
            runBlocking(Dispatchers.Default) { answer(words.toList()) }
            null
        } catch (error: LinliException) {
            said(error) + ": " + error.message
        } catch (error: TimeoutCancellationException) {
            "nobody there in time: ${error.message}"
        } catch (error: IllegalArgumentException) {
            error.message.orEmpty()
        }
    if (fault != null) say("error" to fault)
    exitProcess(if (fault == null) 0 else 1)
}

private suspend fun answer(words: List<String>) {
    require(words.size >= 2) { "what, and in which home?" }
    val (what, home) = words
    val given = words.drop(2)
    val linli = Linli.open(File(home), FileSecrets(File(home, "secrets")))
    try {
        when (what) {
            "join" -> linli.phone.joinBy(given[0])
            "post" -> linli.phone.post(given[0].toInt(), given[1])
            "claim" -> linli.phone.claim(given[0])
            "sync" -> linli.phone.meet(given[0], Peer.Member)
            "serve" -> linli.phone.serve(given[0])
            "hash" -> say("hash" to linli.phone.stateHash(), "orders" to linli.phone.allOrders(open).size)
            else -> throw IllegalArgumentException("nobody knows how to $what")
        }
    } finally {
        linli.shutDown()
    }
}

private suspend fun Phone.joinBy(invitation: String) {
    val joining = ask(invitation)
    val node = joining.startNode(emptyList())
    val end =
        withTimeout(PATIENCE) {
            joining.states().first { state ->
                if (state is JoiningState.Comparing) say("digits" to state.digits)
                state is JoiningState.Joined || state is JoiningState.Failed
            }
        }
    require(end is JoiningState.Joined) { "$end" }
    say("joined" to end.community.text)
    node.stop()
    meet(readInvitation(invitation).addresses.first(), joining.peer())
}

private suspend fun Phone.post(count: Int, building: String) {
    repeat(count) { nth ->
        val order =
            NewOrder(
                building = building,
                room = (101 + nth).toString(),
                kind = "grocery",
                urgency = Urgency.NORMAL,
                way = OrderWay.APP,
                items = listOf(NewItem("rice", "1", "bag")),
            )
        submitOrder(CommandId.random(), OrderCommand.Post(order))
    }
    say("posted" to count)
}

private suspend fun Phone.claim(building: String) {
    val free = allOrders(OrderFilter(buildings = listOf(building), state = OrderState.OPEN, held = false))
    for (line in free) submitOrder(CommandId.random(), OrderCommand.Claim, line.order)
    say("claimed" to free.size)
}

/** Dials, and waits until whoever is there is in step. */
private suspend fun Phone.meet(address: String, peer: Peer) {
    val node = startNode(NodeOptions(listen = null, nearby = false))
    try {
        node.dial(listOf(address), peer)
        withTimeout(IN_STEP) { node.connections().first { all -> all.any { it.dialled && it.inStep } } }
    } finally {
        node.stop()
    }
    say("synced" to true)
}

private suspend fun Phone.serve(address: String) {
    val node = startNode(NodeOptions(listen = address, nearby = false))
    say("listening" to "127.0.0.1:${node.port()}")
    withContext(Dispatchers.IO) { readlnOrNull() }
    node.stop()
    say("closed" to true)
}

/** One JSON object on a line of its own, at once. */
private fun say(vararg answer: Pair<String, Any>) {
    println(json(mapOf(*answer)))
    System.out.flush()
}

/** Secrets in files, as the program `phone` keeps them. For tests: nothing seals them. */
private class FileSecrets(private val folder: File) : SecretStore {
    override fun get(name: String): ByteArray? = file(name).takeIf { it.exists() }?.readBytes()

    override fun put(name: String, secret: ByteArray) {
        folder.mkdirs()
        file(name).writeBytes(secret)
    }

    override fun remove(name: String) {
        file(name).delete()
    }

    private fun file(name: String) = File(folder, name.encodeToByteArray().joinToString("") { "%02x".format(it) })
}
