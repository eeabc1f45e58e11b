package org.linli.sample

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.stateIn
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.linli.CommandId
import org.linli.DeliveryHow
import org.linli.Linli
import org.linli.LinliException
import org.linli.NewItem
import org.linli.NewOrder
import org.linli.OrderDetail
import org.linli.OrderPart
import org.linli.OrderStatus
import org.linli.OrderWay
import org.linli.OrderCommand
import org.linli.Phone
import org.linli.Problem
import org.linli.Reference
import org.linli.Scalar
import org.linli.Urgency
import org.linli.Words
import org.linli.cleanLine
import org.linli.cleanText
import org.linli.problemOf
import org.linli.sample.words.of
import org.linli.sample.words.review
import org.linli.sample.words.told

/** A button under an order. Where [enabled] is false the person's role does not let them. */
data class OrderButton(val command: OrderCommand, val label: String, val enabled: Boolean)

/** What the screen of one order shows. */
data class OrderScreen(
    val row: OrderRow? = null,
    val contact: String? = null,
    val note: String? = null,
    val buttons: List<OrderButton> = emptyList(),
    val look: List<String> = emptyList(),
    val history: List<String> = emptyList(),
    val problem: Problem? = null,
)

/** One order: what it says, what was done, what this person may do with it. */
class OrderModel(private val linli: Linli, private val order: Reference, scope: CoroutineScope, private val words: Words) {
    val state: StateFlow<OrderScreen> =
        linli.watch("order", about = order) { screen() }
            .catch { error ->
                if (error !is LinliException) throw error
                emit(OrderScreen(problem = problemOf(error)))
            }
            .stateIn(scope, SharingStarted.WhileSubscribed(STOP_AFTER_MS), OrderScreen())

    /** What was tapped last. */
    val sending = Submission(scope, words, ::allTheSame) { id, command: OrderCommand -> linli.ask { submitOrder(id, command, order) } }

    private suspend fun Phone.screen(): OrderScreen {
        val detail = order(order)
        val naming = words.of(this, detail.names)
        val may = permissions(order).filter { it.may }.map { it.code }.toSet()
        return OrderScreen(
            row = row(detail.line, naming),
            contact = (if (detail.contactShown) contact(order).contact.joinToString() else detail.line.card.contact)?.let(::cleanLine),
            note = detail.view.fields["note"]?.lastOrNull()?.let(::shown)?.let(::cleanText),
            buttons = buttons(detail).map { (code, command) -> OrderButton(command, words.say("act.$code"), code in may) },
            look = detail.review.map(naming::review),
            history = detail.history.map { "${naming.time(it.wall)} ${naming.told("order", it)}" },
        )
    }

    private companion object {
        const val STOP_AFTER_MS = 5_000L
    }
}

/** What is offered, by the code of the event it would write. What contradicts how the order stands is not offered. */
internal fun buttons(detail: OrderDetail): List<Pair<String, OrderCommand>> {
    val line = detail.line
    val mine = OrderPart.HOLDER in line.mine
    return buildList {
        when (line.card.status) {
            OrderStatus.OPEN -> add("claimed" to OrderCommand.Claim)
            OrderStatus.CLAIMED, OrderStatus.PURCHASED -> {
                if (mine) {
                    add("delivered" to OrderCommand.Deliver(DeliveryHow.HANDED_OVER))
                    add("released" to OrderCommand.Release())
                } else {
                    add("taken_over" to OrderCommand.TakeOver())
                }
            }
            OrderStatus.DELIVERED -> add("confirmed" to OrderCommand.Confirm)
            OrderStatus.CONFIRMED, OrderStatus.CANCELLED -> add("reopened" to OrderCommand.Reopen())
            OrderStatus.MOVED, OrderStatus.DUPLICATE -> {}
        }
        if (line.stale) add("still_needed" to OrderCommand.StillNeeded)
        for (member in line.card.contenders + listOfNotNull(line.card.holder)) {
            if (line.card.contested) add("resolved" to OrderCommand.Resolve(member))
        }
        if (line.card.ended == null) add("cancelled" to OrderCommand.Cancel())
    }
}

/** The same command as one that has happened, whatever speaks against it. */
internal fun allTheSame(command: OrderCommand): OrderCommand? =
    when (command) {
        is OrderCommand.Purchase -> command.copy(alreadyHappened = true)
        is OrderCommand.PassOn -> command.copy(alreadyHappened = true)
        is OrderCommand.Return -> command.copy(alreadyHappened = true)
        is OrderCommand.Attempt -> command.copy(alreadyHappened = true)
        is OrderCommand.Deliver -> command.copy(alreadyHappened = true)
        is OrderCommand.Reimburse -> command.copy(alreadyHappened = true)
        is OrderCommand.TakeOver -> command.copy(anyway = true)
        else -> null
    }

private fun shown(value: Scalar): String? =
    when (value) {
        is Scalar.Text -> value.v1
        is Scalar.Int -> value.v1.toString()
        is Scalar.Fraction -> value.v1
        else -> null
    }

/** Texts that survive the death of the process: a `SavedStateHandle` on Android. */
interface Saved {
    operator fun get(name: String): String?

    operator fun set(name: String, text: String?)
}

/** What has been typed so far. */
data class Draft(
    val building: String = "",
    val unit: String = "",
    val room: String = "",
    val kind: String = "grocery",
    val items: String = "",
    val contact: String = "",
    val note: String = "",
    val urgent: Boolean = false,
) {
    val complete: Boolean get() = building.isNotBlank() && (items.isNotBlank() || note.isNotBlank())
}

/**
 * Writing an order down. Its command id is chosen when the form opens and saved with it: whoever taps twice, or whose
 * app dies between the tap and the answer, has written one order.
 */
class NewOrderModel(private val linli: Linli, private val scope: CoroutineScope, private val words: Words, private val saved: Saved) {
    private val id = CommandId(saved["id"] ?: CommandId.random().text.also { saved["id"] = it })
    private val typed = MutableStateFlow(restored())
    val draft: StateFlow<Draft> = typed.asStateFlow()

    private val found = MutableStateFlow(emptyList<OrderRow>())

    /** Open orders of the same room: perhaps somebody has written it down already. */
    val alike: StateFlow<List<OrderRow>> = found.asStateFlow()

    val sending = Submission(scope, words) { id, command: OrderCommand -> linli.ask { submitOrder(id, command) } }

    fun type(change: Draft.() -> Draft) {
        typed.update(change)
        val draft = typed.value
        for ((name, text) in fields(draft)) saved[name] = text
        saved["urgent"] = draft.urgent.toString()
    }

    /** The person has left the field of the room. */
    fun lookForAlike() {
        val draft = typed.value
        if (draft.building.isBlank() || draft.room.isBlank()) return
        scope.launch {
            // Only a hint: without an answer the form goes on.
            found.value =
                try {
                    val alike = linli.ask { ordersOfRoom(draft.building, draft.unit.ifBlank { null }, draft.room) }
                    alike.map { row(it.line, words) }
                } catch (_: LinliException) {
                    emptyList()
                }
        }
    }

    fun post() = if (typed.value.complete) sending.send(OrderCommand.Post(order(typed.value)), id) else null

    private fun restored() =
        Draft(
            building = saved["building"].orEmpty(),
            unit = saved["unit"].orEmpty(),
            room = saved["room"].orEmpty(),
            kind = saved["kind"] ?: "grocery",
            items = saved["items"].orEmpty(),
            contact = saved["contact"].orEmpty(),
            note = saved["note"].orEmpty(),
            urgent = saved["urgent"] == "true",
        )

    private fun fields(draft: Draft) =
        mapOf(
            "building" to draft.building,
            "unit" to draft.unit,
            "room" to draft.room,
            "kind" to draft.kind,
            "items" to draft.items,
            "contact" to draft.contact,
            "note" to draft.note,
        )
}

/** An order out of what was typed: an item a line, `2 x milk`, `1.5 x rice` or `milk`. */
internal fun order(draft: Draft): NewOrder =
    NewOrder(
        building = draft.building.trim(),
        unit = draft.unit.trim().ifBlank { null },
        room = draft.room.trim().ifBlank { null },
        kind = draft.kind,
        urgency = if (draft.urgent) Urgency.URGENT else Urgency.NORMAL,
        way = OrderWay.APP,
        contact = draft.contact.trim().ifBlank { null },
        note = draft.note.trim().ifBlank { null },
        items = draft.items.lines().map { it.trim() }.filter { it.isNotEmpty() }.map(::item),
    )

private fun item(line: String): NewItem {
    val counted = COUNTED.matchEntire(line) ?: return NewItem(name = line)
    val (qty, name) = counted.destructured
    return NewItem(name = name, qty = qty)
}

private val COUNTED = Regex("(\\d{1,4}(?:\\.\\d{1,3})?)\\s*[x×]\\s*(.+)")
