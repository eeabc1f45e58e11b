package org.linli.story

import java.io.File
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.Instant
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout
import org.linli.AlertCommand
import org.linli.BoxAskFor
import org.linli.BoxRoom
import org.linli.BoxTake
import org.linli.BoxCommand
import org.linli.BuildingCommand
import org.linli.BundleContent
import org.linli.CommandId
import org.linli.DeliveryHow
import org.linli.Goods
import org.linli.GotItem
import org.linli.Grant
import org.linli.HouseholdFilter
import org.linli.HouseholdCommand
import org.linli.LinliException
import org.linli.LotPortion
import org.linli.MemberId
import org.linli.NewConsent
import org.linli.NewHousehold
import org.linli.NewItem
import org.linli.NewOrder
import org.linli.NewPerson
import org.linli.OrderChange
import org.linli.OrderFilter
import org.linli.OrderState
import org.linli.OrderWay
import org.linli.OrderCommand
import org.linli.Phone
import org.linli.ProductClass
import org.linli.ProductDetails
import org.linli.ProductUnit
import org.linli.ProductCommand
import org.linli.RecallScope
import org.linli.RecallCommand
import org.linli.Reference
import org.linli.ReviewFilter
import org.linli.Revocation
import org.linli.Scalar
import org.linli.Update
import org.linli.Updates
import org.linli.Urgency
import org.linli.Who

/** An enum as its code: `over_the_counter`. */
fun code(value: Enum<*>?): String? = value?.name?.lowercase()

fun snake(name: String): String = name.replace(Regex("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"), "_").lowercase()

/** A refusal by its code, a warning with `!`, all else by its variant's name. */
fun said(error: LinliException): String =
    if (error is LinliException.Refused) error.code + (if (error.warning) "!" else "") else snake(error::class.simpleName!!)

suspend fun refusal(call: suspend () -> Unit): String =
    try {
        call()
        "done"
    } catch (error: LinliException) {
        said(error)
    }

fun simpleOrder(room: String, note: String? = null, items: List<NewItem> = emptyList()): OrderCommand =
    OrderCommand.Post(
        NewOrder(
            building = "3",
            room = room,
            kind = "grocery",
            urgency = Urgency.NORMAL,
            way = OrderWay.APP,
            note = note,
            items = items,
        ),
    )

val open = OrderFilter(state = OrderState.OPEN)

private val NONE = Reference("")

/** The steps of the story, by their names, on two phones that remember what happened to them so far. */
class Scenes(private val scope: CoroutineScope, val folder: File) {
    val wu = Rig("Wu", folder)
    val mei = Rig("Mei", folder)
    var order = NONE
        private set
    var product = NONE
        private set
    private var box = NONE
    private var memberMei = MemberId("")

    suspend fun play(step: String): Map<String, Any?> =
        when (step) {
            "found" -> found()
            "join" -> join()
            "setup" -> setup()
            "post" -> post()
            "merge" -> merge()
            "contested" -> contested()
            "deliver" -> deliver()
            "box" -> box()
            "recall" -> recall()
            "alert" -> alert()
            "care" -> care()
            "bundle" -> bundle()
            "live" -> live()
            "cancel" -> cancel()
            "concurrent" -> concurrent()
            "suspend" -> suspended()
            "panic" -> panic()
            "errors" -> Errors(this).all()
            "withdraw" -> withdraw()
            "memory" -> memory(wu.phone, order)
            else -> error("nobody knows how to play the step $step")
        }

    suspend fun close() {
        wu.linli.shutDown()
        mei.linli.shutDown()
    }

    private suspend fun sync() = scope.sync(wu, mei)

    private suspend fun nameOf(member: MemberId?): String? =
        when (member) {
            null -> null
            wu.phone.member() -> "Wu"
            memberMei -> "Mei"
            else -> "?"
        }

    private suspend fun review(of: Rig): List<String> =
        of.phone.reviewQueue(ReviewFilter(aggregate = order)).items.map { it.code }

    private suspend fun found(): Map<String, Any?> {
        val before = wu.open().member()
        wu.phone.found(null)
        val members = wu.phone.members()
        return mapOf(
            "members" to members.size,
            "role" to code(members.single().role),
            "board" to wu.board().size,
            "member_before_founding" to before,
        )
    }

    private suspend fun join(): Map<String, Any?> {
        mei.open()
        val joined = scope.join(wu, mei, "Mei")
        memberMei = mei.phone.member()!!
        val line = wu.phone.members().single { !it.me }
        return mapOf(
            "digits_length" to joined.asked.length,
            "digits_equal" to (joined.asked == joined.shown),
            "community_equal" to (joined.community == wu.phone.community()),
            "members" to mei.phone.members().size,
            "role_of_mei" to code(line.role),
            "name_of_mei" to line.name,
            "hash_equal" to (wu.phone.stateHash() == mei.phone.stateHash()),
        )
    }

    private suspend fun setup(): Map<String, Any?> {
        wu.phone.submitBuilding(CommandId.random(), BuildingCommand.ListBuilding("3号楼"))
        val units = listOf(ProductUnit("box", 2u, "strip"), ProductUnit("strip", 12u, "tablet"), ProductUnit("tablet"))
        val details = ProductDetails(name = "布洛芬", generic = "ibuprofen", form = "tablet", units = units)
        val command = ProductCommand.ListProduct(details, ProductClass.OVER_THE_COUNTER)
        product = wu.phone.submitProduct(CommandId.random(), command).aggregate
        sync()
        val products = mei.phone.products().items
        return mapOf(
            "buildings" to mei.phone.buildings().map { it.label },
            "products" to products.map { it.name },
            "class" to code(products.first().`class`),
            "today_length" to mei.phone.today().length,
        )
    }

    private suspend fun post(): Map<String, Any?> {
        val command =
            OrderCommand.Post(
                NewOrder(
                    building = "3",
                    unit = "2",
                    room = "1804",
                    kind = "medicine",
                    urgency = Urgency.NORMAL,
                    way = OrderWay.PHONE,
                    askedBy = "张阿姨",
                    contact = "张阿姨 13812345678",
                    note = "每天1片",
                    items = listOf(NewItem("布洛芬", "2", "盒")),
                ),
            )
        val same = CommandId.random()
        val first = mei.phone.submitOrder(same, command)
        val again = mei.phone.submitOrder(same, command)
        order = first.aggregate
        sync()
        val lines = wu.board()
        val card = lines.first().card
        return mapOf(
            "events" to first.events.size,
            "same_aggregate" to (first.aggregate == again.aggregate),
            "board" to lines.size,
            "status" to code(card.status),
            "items" to card.items,
            "contact" to card.contact,
            "holder" to card.holder,
            "urgency" to code(card.urgency),
            "found_by_search" to wu.phone.search("布洛芬 1804").items.size,
            "way" to code(wu.phone.order(order).view.way),
        )
    }

    private suspend fun notes(of: Rig): List<String> =
        of.phone.order(order).view.fields.getValue("note").map { (it as Scalar.Text).v1 }

    private suspend fun merge(): Map<String, Any?> {
        fun put(field: String, value: Scalar) = OrderChange.Put(field, value)
        val neededBy = Instant.fromEpochMilliseconds(1_893_456_000_000)
        wu.order(OrderCommand.Edit(listOf(put("note", Scalar.Text("每天2片")), put("urgency", Scalar.Text("urgent")))), order)
        val meis = listOf(put("note", Scalar.Text("每天3片")), put("needed_by", Scalar.Int(neededBy.toEpochMilliseconds())))
        mei.order(OrderCommand.Edit(meis), order)
        sync()
        val merged = wu.phone.order(order)
        val (notes, review) = notes(wu) to review(wu)
        wu.order(OrderCommand.Choose("note", Scalar.Text("每天2片")), order)
        sync()
        return mapOf(
            "notes" to notes.sorted(),
            "urgency" to code(merged.line.card.urgency),
            "needed_by" to merged.line.card.neededBy?.toEpochMilliseconds(),
            "review" to review,
            "notes_after" to notes(mei),
            "review_after" to review(mei),
        )
    }

    private suspend fun contested(): Map<String, Any?> {
        wu.order(OrderCommand.Claim, order)
        mei.order(OrderCommand.Claim, order)
        sync()
        val (wus, meis) = listOf(wu, mei).map { it.phone.order(order).line.card }
        val review = review(mei)
        wu.order(OrderCommand.Resolve(memberMei), order)
        sync()
        val after = mei.phone.order(order).line.card
        val round = mei.phone.myRound()
        return mapOf(
            "status" to code(meis.status),
            "contested" to (wus.contested && meis.contested),
            "contenders" to meis.contenders.size,
            "same_holder" to (wus.holder == meis.holder),
            "review" to review,
            "holder_after" to nameOf(after.holder),
            "contested_after" to after.contested,
            "claim_again" to refusal { mei.order(OrderCommand.Claim, order) },
            "contact" to mei.phone.contact(order).contact,
            "round_stops" to round.stops.size,
            "round_to_buy" to round.toBuy.map { "${it.name} ${it.qty} ${it.unit}" },
        )
    }

    private suspend fun deliver(): Map<String, Any?> {
        val item = mei.phone.order(order).view.items.single()
        mei.order(OrderCommand.Purchase(costCents = 3960, got = listOf(GotItem(item.id, "2"))), order)
        mei.order(OrderCommand.Deliver(DeliveryHow.HANDED_OVER), order)
        sync()
        val cancel = refusal { wu.order(OrderCommand.Cancel(), order) }
        val again = refusal { wu.order(OrderCommand.Deliver(DeliveryHow.LEFT_AT_DOOR), order) }
        wu.order(OrderCommand.Deliver(DeliveryHow.LEFT_AT_DOOR, alreadyHappened = true), order)
        sync()
        val detail = mei.phone.order(order)
        return mapOf(
            "status" to code(detail.line.card.status),
            "owed" to detail.view.money.owed,
            "cancel" to cancel,
            "deliver_again" to again,
            "delivered_twice" to detail.view.deliveredTwice,
            "review" to review(mei),
            "open_board" to mei.board().size,
            "closed_board" to mei.board(OrderState.CLOSED).size,
            "history" to mei.phone.history(order).map { it.code },
        )
    }

    private suspend fun box(): Map<String, Any?> {
        box = wu.box(BoxCommand.Open(building = "3", place = "门岗")).aggregate
        val goods = Goods(product, batch = "A1", expiry = "2030-12-31", unit = "box")
        val lot = wu.box(BoxCommand.Donate(goods, "2"), box).events.first()
        wu.box(BoxCommand.Split(lot = lot, qty = "1", intoQty = "24", intoUnit = "tablet"), box)
        sync()
        mei.box(BoxCommand.Take(BoxTake.Product(product, "6.5", "tablet"), room = BoxRoom("3", "2", "1804")), box)
        val tablets = mei.phone.boxDetail(box).lots.single { it.goods?.unit == "tablet" }
        mei.box(BoxCommand.Count(listOf(LotPortion(tablets.lot, "17"))), box)
        sync()
        val detail = wu.phone.boxDetail(box)
        val offer = wu.phone.offer(box, BoxAskFor(product, "10", "tablet"))
        return mapOf(
            "lots" to detail.lots.size,
            "stock" to detail.lots.map { it.qty }.sorted(),
            "donated" to detail.balance.donated,
            "split_out" to detail.balance.splitOut,
            "split_in" to detail.balance.splitIn,
            "taken" to detail.balance.taken,
            "adjusted" to detail.balance.adjusted,
            "balance_stock" to detail.balance.stock,
            "holds" to wu.phone.ledgerTotals().holds,
            "running_is_stock" to detail.lots.all { it.ledger.last().running == it.qty },
            "offered" to offer.picks.map { it.qty },
            "missing" to offer.missing,
            "too_much" to refusal { wu.box(BoxCommand.Take(BoxTake.Product(product, "100", "tablet")), box) },
            "boxes" to wu.phone.boxes().map { it.place },
        )
    }

    private suspend fun recall(): Map<String, Any?> {
        val command = RecallCommand.Raise(product, RecallScope.Batches(listOf("A1")), reason = "杂质", issuer = "药监局")
        val recall = wu.phone.submitRecall(CommandId.random(), command).aggregate
        delay(10.milliseconds) // what is donated in the same millisecond is not later
        wu.box(BoxCommand.Donate(Goods(product, batch = "A1", expiry = "2030-12-31", unit = "box"), "1"), box)
        sync()
        val detail = mei.phone.recall(recall)
        val offer = mei.phone.offer(box, BoxAskFor(product, "10", "tablet"))
        return mapOf(
            "stands" to detail.stands,
            "boxes" to detail.touched.boxes.size,
            "lots" to detail.touched.lots.size,
            "later" to detail.touched.lots.count { it.later },
            "takes" to detail.touched.takes.size,
            "take_room" to detail.touched.takes.first().room?.room,
            "picks" to offer.picks.size,
            "missing" to offer.missing,
            "hidden" to offer.hidden.map { snake(it.why::class.simpleName!!) },
            "raise_as_mei" to refusal { mei.phone.submitRecall(CommandId.random(), command) },
        )
    }

    private suspend fun alert(): Map<String, Any?> {
        val call = AlertCommand.Raise("心口疼得厉害", building = "3", room = "1804")
        val alert = mei.phone.submitAlert(CommandId.random(), call).aggregate
        sync()
        val lines = wu.phone.alerts()
        val onTop = wu.phone.alertsOnTop()
        wu.phone.submitAlert(CommandId.random(), AlertCommand.Acknowledge, alert)
        val onTopAfter = wu.phone.alertsOnTop().size
        sync()
        val after = mei.phone.alert(alert).line
        return mapOf(
            "alerts" to lines.size,
            "escalation" to code(lines.first().escalation),
            "status" to code(after.card.status),
            "escalation_after" to code(after.escalation),
            "on_top" to onTop.size,
            "what" to onTop.first().line.card.what,
            "text" to onTop.first().text,
            "number" to onTop.first().emergencyNumber,
            "on_top_after" to onTopAfter,
            "nothing" to refusal { mei.phone.submitAlert(CommandId.random(), AlertCommand.Raise("")) },
        )
    }

    private suspend fun care(): Map<String, Any?> {
        val without = refusal { mei.phone.households(HouseholdFilter()) }
        val before = wu.phone.households(HouseholdFilter()).items.size
        val household =
            NewHousehold(
                building = "3",
                unit = "2",
                room = "1804",
                people = listOf(NewPerson("张阿姨")),
                consent = NewConsent("每日探访"),
            )
        wu.phone.submitHousehold(CommandId.random(), HouseholdCommand.Register(household))
        wu.phone.grant(CommandId.random(), mei.phone.device(), Grant.Care)
        sync()
        sync()
        val page = mei.phone.households(HouseholdFilter())
        return mapOf(
            "without_grant" to without,
            "of_the_founder" to before,
            "with_grant" to page.items.size,
            "people" to page.items.first().card.people,
            "agreed" to page.items.first().agreed,
        )
    }

    private suspend fun bundle(): Map<String, Any?> {
        wu.order(simpleOrder("301", items = listOf(NewItem("大米", "1", "袋"))))
        val file = File(folder, "all.linli").path
        wu.phone.exportBundle(file, BundleContent.All)
        val first = mei.phone.importBundle(file)
        val again = mei.phone.importBundle(file)
        return mapOf(
            "new" to first.fresh.toLong(),
            "ending" to code(first.ending),
            "new_again" to again.fresh.toLong(),
            "board" to mei.board().size,
            "hash_equal" to (wu.phone.stateHash() == mei.phone.stateHash()),
        )
    }

    /** The next update about one thing. */
    private suspend fun changed(updates: Updates, aggregate: Reference): Update.Changed =
        withTimeout(60.seconds) {
            while (true) {
                val update = checkNotNull(updates.nextUpdate()) { "the updates ended" }
                if (update is Update.Changed && update.aggregate == aggregate) return@withTimeout update
            }
            error("it never ends but by an answer")
        }

    private suspend fun live(): Map<String, Any?> =
        mei.phone.updates().use { updates ->
            val pumped = scope.pump(wu, mei)
            pumped.untilInStep()
            val posted = wu.order(simpleOrder("302", note = "鸡蛋")).aggregate
            val changed = changed(updates, posted)
            mapOf("kind" to changed.kind, "on_board" to mei.board().any { it.order == posted }, "closed" to pumped.end())
        }

    private suspend fun cancel(): Map<String, Any?> =
        mei.phone.updates().use { updates ->
            var cancelled = false
            val waiting =
                scope.async {
                    try {
                        // What is late of the step before is passed over.
                        while (updates.nextUpdate() != null) Unit
                    } catch (error: CancellationException) {
                        cancelled = true
                        throw error
                    }
                }
            delay(200.milliseconds)
            waiting.cancel()
            waiting.join()
            val posted = mei.order(simpleOrder("303", note = "油")).aggregate
            mapOf("cancelled" to cancelled, "next_kind" to changed(updates, posted).kind, "board" to mei.board().size)
        }

    private suspend fun concurrent(): Map<String, Any?> {
        val calls = List(50) { nth -> scope.async { mei.order(simpleOrder((401 + nth).toString(), note = "米")) } }
        val receipts = calls.awaitAll()
        return mapOf("distinct" to receipts.map { it.aggregate }.toSet().size, "board" to mei.board().size)
    }

    private suspend fun suspended(): Map<String, Any?> {
        val asleep = mei.linli.suspendWithin(30.seconds)
        val meanwhile = refusal { mei.phone.board(open) }
        // Nobody holds the home any more: another phone object can open it, and lets go of it again.
        Phone.open(mei.home.path, mei.secrets).use { it.shutDown() }
        mei.linli.resume()
        val board = mei.board().size
        mei.linli.resume()
        return mapOf("while_suspended" to meanwhile, "lock_free" to asleep, "board" to board)
    }

    private suspend fun panic(): Map<String, Any?> {
        val before = mei.phone.stateHash()
        val panic = refusal { mei.phone.provokePanic() }
        val afterwards = refusal { mei.phone.board(open) }
        mei.linli.shutDown()
        mei.open()
        return mapOf(
            "panic" to panic,
            "afterwards" to afterwards,
            "board" to mei.board().size,
            "hash_kept" to (before == mei.phone.stateHash()),
        )
    }

    private suspend fun withdraw(): Map<String, Any?> {
        sync()
        wu.phone.revoke(CommandId.random(), Revocation(Who.Device(mei.phone.device())))
        val inStep = scope.sync(mei, wu)
        val file = File(folder, "after.linli").path
        wu.phone.exportBundle(file, BundleContent.All)
        mei.phone.importBundle(file)
        return mapOf(
            "members_left" to wu.phone.members().count { !it.withdrawn },
            "in_step" to inStep,
            "post" to refusal { mei.order(simpleOrder("304", note = "盐")) },
        )
    }
}

/** Whether much asking leaves something behind. */
private suspend fun memory(phone: Phone, order: Reference): Map<String, Any?> {
    suspend fun calls(times: Int) {
        val few = OrderFilter(state = OrderState.OPEN, limit = 10u)
        repeat(times) { nth ->
            when (nth % 3) {
                0 -> phone.board(few)
                1 -> phone.order(order)
                else -> phone.settings()
            }
        }
    }
    calls(STRETCH)
    var before = residentKib()
    // A virtual machine compiles and loads now and then: what is lost with a call is lost in every stretch.
    val least =
        (1..STRETCHES).minOf {
            calls(STRETCH)
            val after = residentKib()
            (after - before).also { before = after }
        }
    return mapOf("calls" to STRETCH * STRETCHES, "growth_at_most_kib" to maxOf(0, least) * STRETCHES)
}

private const val STRETCH = 10_000
private const val STRETCHES = 10

/** What of this process is in memory, once garbage is collected. */
private fun residentKib(): Long {
    repeat(3) { System.gc() }
    val pages = File("/proc/self/statm").readText().split(' ')[1].toLong()
    return pages * 4
}
