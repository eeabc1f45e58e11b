// The steps of the story, one function each. What they do and what they must see stands in `ffi/story/expected.json`.

import Foundation
import Linli

/// Wu and Mei, their phones, and what earlier steps made.
public final class Story {
    public typealias Seen = [String: Any?]

    let wuHome: String
    let meiHome: String
    let wuSecrets = MemorySecrets()
    let meiSecrets = MemorySecrets()
    var wu: Phone!
    var mei: Phone!
    private var meiMember = ""
    private(set) var product = ""
    private(set) var order = ""
    private(set) var box = ""
    private var tablets = ""

    public init() throws {
        (wuHome, meiHome) = (try freshHome(), try freshHome())
    }

    /// Tells all of it; says how long each step took.
    public func tell(said: (String) -> Void) async throws {
        for step in try storySteps(names: []) {
            let begun = ContinuousClock.now
            let wrong = try storyDifferences(step: step, seen: json(await act(step)))
            guard wrong.isEmpty else { throw Otherwise(wrong.joined(separator: "; ")) }
            said("\(step): \(begun.duration(to: .now).wholeMilliseconds) ms")
        }
        try await wu.close()
        try await mei.close()
        for home in [wuHome, meiHome] {
            try FileManager.default.removeItem(atPath: home)
        }
    }

    private func act(_ name: String) async throws -> Seen {
        switch name {
        case "found": try await found()
        case "join": try await join()
        case "setup": try await setUp()
        case "post": try await post()
        case "merge": try await merge()
        case "contested": try await contested()
        case "deliver": try await deliver()
        case "box": try await fillBox()
        case "recall": try await recall()
        case "alert": try await alert()
        case "care": try await care()
        case "bundle": try await bundle()
        case "live": try await live()
        case "cancel": try await cancel()
        case "concurrent": try await concurrent()
        case "suspend": try await suspend()
        case "panic": try await panic()
        case "errors": try await errors()
        case "withdraw": try await withdraw()
        case "memory": try await memory()
        default: throw Otherwise("nobody here knows the step \(name)")
        }
    }

    // MARK: a community

    private func found() async throws -> Seen {
        wu = try await Phone.open(home: wuHome, secrets: wuSecrets)
        let before = try await wu.member()
        _ = try await wu.found(name: nil)
        let members = try await wu.members()
        return [
            "member_before_founding": before, "members": members.count, "role": code(members[0].role),
            "board": try await board(wu).count,
        ]
    }

    private func join() async throws -> Seen {
        let inviting = try await wu.invite(offer: Offer(role: .volunteer, name: "Mei"), addresses: [])
        mei = try await Phone.open(home: meiHome, secrets: meiSecrets)
        let joining = try await mei.ask(invitation: inviting.text())
        let (hers, his) = (try await joining.pipe(), try await wu.acceptPipe())
        let (one, other) = try socketPair()
        async let asked: Void = hers.carry(over: one)
        async let answered: Void = his.carry(over: other)

        guard case .comparing(let onHers) = try await joining.states.first(that: { $0 != .reaching }) else {
            throw Otherwise("Mei has nothing to compare")
        }
        guard
            case .comparing(let onHis, _, _) = try await inviting.states.first(that: {
                if case .comparing = $0 { true } else { false }
            })
        else { throw Otherwise("Wu has nothing to compare") }
        _ = try await inviting.confirm(digits: onHis)
        guard
            case .joined(let community) = try await joining.states.first(that: {
                if case .comparing = $0 { false } else { true }
            })
        else { throw Otherwise("Mei was not admitted") }
        _ = try await (asked, answered)
        try await sync(expecting: joining.peer())

        let members = try await wu.members()
        meiMember = try await mei.member() ?? ""
        let line = members.first { $0.member == meiMember }
        return [
            "digits_length": onHers.count, "digits_equal": onHers == onHis,
            "community_equal": try await wu.community() == community, "members": members.count,
            "role_of_mei": line.map { code($0.role) } ?? "", "name_of_mei": line?.name,
            "hash_equal": try await wu.stateHash() == mei.stateHash(),
        ]
    }

    private func setUp() async throws -> Seen {
        _ = try await wu.submitBuilding(id: newCommandId(), command: .list(label: "3号楼"))
        let details = ProductDetails(
            name: "布洛芬", generic: "ibuprofen", form: "tablet",
            units: [
                ProductUnit(unit: "box", contains: 2, of: "strip"), ProductUnit(unit: "strip", contains: 12, of: "tablet"),
                ProductUnit(unit: "tablet"),
            ])
        let command = ProductCommand.list(details: details, class: .overTheCounter)
        product = try await wu.submitProduct(id: newCommandId(), command: command).aggregate
        try await sync()

        let products = try await mei.products().items
        return [
            "buildings": try await mei.buildings().map(\.label), "products": products.map(\.name),
            "class": products.first?.class.map(code), "today_length": try await mei.today().count,
        ]
    }

    // MARK: an order

    private func post() async throws -> Seen {
        let id = try newCommandId()
        let command = OrderCommand.post(
            NewOrder(
                building: "3", unit: "2", room: "1804", kind: "medicine", urgency: .normal, contact: "张阿姨 13812345678",
                note: "每天1片", items: [NewItem(name: "布洛芬", qty: "2", unit: "盒")], askedBy: "张阿姨", way: .phone))
        let first = try await mei.submitOrder(id: id, command: command)
        let again = try await mei.submitOrder(id: id, command: command)
        order = first.aggregate
        try await sync()

        let lines = try await board(wu)
        let card = try line(of: order, in: lines).card
        return [
            "events": first.events.count, "same_aggregate": first.aggregate == again.aggregate,
            "board": lines.count, "status": code(card.status), "items": card.items,
            "contact": card.contact, "holder": card.holder, "urgency": code(card.urgency),
            "found_by_search": try await wu.search(text: "布洛芬", limit: 10).items.filter { $0.kind == "order" }.count,
            "way": code(try await wu.order(order: order).view.way),
        ]
    }

    private func merge() async throws -> Seen {
        func put(_ field: String, _ value: Scalar) -> OrderChange { .put(field: field, value: value) }
        try await wu.submit(.edit(changes: [put("note", .text("每天2片")), put("urgency", .text("urgent"))]), on: order)
        try await mei.submit(.edit(changes: [put("note", .text("每天3片")), put("needed_by", .int(1_893_456_000_000))]), on: order)
        try await sync()
        let apart = try await mei.order(order: order)
        try await wu.submit(.choose(field: "note", value: .text("每天2片")), on: order)
        try await sync()
        let chosen = try await mei.order(order: order)

        func notes(_ detail: OrderDetail) -> [String] { texts(detail.view.fields["note"] ?? []).sorted() }
        return [
            "notes": notes(apart), "urgency": code(apart.line.card.urgency),
            "needed_by": apart.line.card.neededBy, "review": apart.review.map(\.code),
            "notes_after": notes(chosen), "review_after": chosen.review.map(\.code),
        ]
    }

    private func contested() async throws -> Seen {
        try await wu.submit(.claim, on: order)
        try await mei.submit(.claim, on: order)
        try await sync()
        let (his, hers) = (try await wu.order(order: order), try await mei.order(order: order))
        try await wu.submit(.resolve(to: meiMember), on: order)
        try await sync()
        let after = try await wu.order(order: order).line.card
        let again = try await outcome { try await mei.submit(.claim, on: order) }
        let round = try await mei.myRound()

        return [
            "status": code(hers.line.card.status), "contested": his.line.card.contested && hers.line.card.contested,
            "contenders": hers.line.card.contenders.count,
            "same_holder": his.line.card.holder == hers.line.card.holder, "review": hers.review.map(\.code),
            "holder_after": after.holder.map { $0 == meiMember ? "Mei" : "Wu" }, "contested_after": after.contested,
            "claim_again": again, "contact": try await mei.contact(order: order).contact,
            "round_stops": round.stops.count, "round_to_buy": round.toBuy.map(sentence),
        ]
    }

    private func deliver() async throws -> Seen {
        let items = try await mei.order(order: order).view.items
        let got = items.map { GotItem(item: $0.id, qty: "2") }
        try await mei.submit(.purchase(costCents: 3960, got: got), on: order)
        try await mei.submit(.deliver(how: .handedOver), on: order)
        try await sync()
        let cancel = try await outcome { try await wu.submit(.cancel(), on: order) }
        let again = try await outcome { try await wu.submit(.deliver(how: .leftAtDoor), on: order) }
        try await wu.submit(.deliver(how: .leftAtDoor, alreadyHappened: true), on: order)
        try await sync()

        let detail = try await mei.order(order: order)
        return [
            "status": code(detail.line.card.status), "owed": detail.view.money.owed, "cancel": cancel,
            "deliver_again": again, "delivered_twice": detail.view.deliveredTwice,
            "review": detail.review.map(\.code), "open_board": try await board(mei).count,
            "closed_board": try await mei.board(filter: OrderFilter(state: .closed)).items.count,
            "history": detail.history.map(\.code),
        ]
    }

    // MARK: a box

    private func fillBox() async throws -> Seen {
        box = try await wu.submit(.open(building: "3", place: "门岗")).aggregate
        let goods = Goods(product: product, batch: "A1", expiry: "2030-12-31", unit: "box")
        let donated = try await wu.submit(.donate(goods: goods, qty: "2"), on: box)
        let lot = donated.events[0]
        let split = try await wu.submit(.split(lot: lot, qty: "1", intoUnit: "tablet", intoQty: "24"), on: box)
        tablets = split.events[0]
        try await sync()
        let room = BoxRoom(building: "3", unit: "2", room: "1804")
        try await mei.submit(.take(what: .product(product: product, qty: "6.5", unit: "tablet"), room: room), on: box)
        try await mei.submit(.count(parts: [LotPortion(lot: tablets, qty: "17")]), on: box)
        try await sync()

        let detail = try await wu.boxDetail(medicineBox: box)
        let offer = try await wu.offer(medicineBox: box, ask: BoxAskFor(product: product, qty: "10", unit: "tablet"))
        let tooMuch = try await outcome {
            let what = BoxTake.product(product: product, qty: "100", unit: "tablet")
            try await wu.submit(.take(what: what), on: box)
        }
        let balance = detail.balance
        return [
            "lots": detail.lots.count, "stock": detail.lots.map(\.qty).sorted(),
            "donated": balance.donated, "split_out": balance.splitOut, "split_in": balance.splitIn,
            "taken": balance.taken, "adjusted": balance.adjusted, "balance_stock": balance.stock,
            "holds": try await wu.ledgerTotals().holds,
            "running_is_stock": detail.lots.allSatisfy { $0.ledger.last?.running == $0.qty },
            "offered": offer.picks.map { $0.qty }, "missing": offer.missing, "too_much": tooMuch,
            "boxes": try await wu.boxes().map { $0.place ?? "" },
        ]
    }

    private func recall() async throws -> Seen {
        let command = RecallCommand.raise(product: product, scope: .batches(["A1"]), reason: "杂质", issuer: "药监局")
        let recall = try await wu.submitRecall(id: newCommandId(), command: command).aggregate
        let goods = Goods(product: product, batch: "A1", expiry: "2030-12-31", unit: "box")
        try await wu.submit(.donate(goods: goods, qty: "1"), on: box)
        try await sync()

        let detail = try await mei.recall(recall: recall)
        let offer = try await mei.offer(medicineBox: box, ask: BoxAskFor(product: product, qty: "10", unit: "tablet"))
        let asMei = try await outcome { _ = try await mei.submitRecall(id: newCommandId(), command: command) }
        return [
            "stands": detail.stands, "boxes": detail.touched.boxes.count, "lots": detail.touched.lots.count,
            "later": detail.touched.lots.filter(\.later).count, "takes": detail.touched.takes.count,
            "take_room": detail.touched.takes.first?.room?.room, "picks": offer.picks.count,
            "missing": offer.missing, "hidden": offer.hidden.map { code($0.why) },
            "raise_as_mei": asMei,
        ]
    }

    // MARK: help, care

    private func alert() async throws -> Seen {
        let command = AlertCommand.raise(what: "心口疼得厉害", building: "3", room: "1804")
        let alert = try await mei.submitAlert(id: newCommandId(), command: command).aggregate
        try await sync()
        let open = try await wu.alerts(open: true)
        let onTop = try await wu.alertsOnTop()
        _ = try await wu.submitAlert(id: newCommandId(), command: .acknowledge, on: alert)
        let onTopAfter = try await wu.alertsOnTop().count
        try await sync()
        let after = try await mei.alert(alert: alert).line
        let nothing = try await outcome {
            _ = try await mei.submitAlert(id: newCommandId(), command: .raise(what: ""))
        }
        return [
            "alerts": open.count, "escalation": open.first.map { code($0.escalation) } ?? "",
            "status": code(after.card.status), "escalation_after": code(after.escalation), "on_top": onTop.count,
            "what": onTop.first?.line.card.what ?? "", "text": onTop.first?.text ?? "",
            "number": onTop.first?.emergencyNumber ?? "", "on_top_after": onTopAfter, "nothing": nothing,
        ]
    }

    private func care() async throws -> Seen {
        let hers = try await outcome { _ = try await mei.households(filter: HouseholdFilter()) }
        let his = try await wu.households(filter: HouseholdFilter()).items.count
        let household = NewHousehold(
            building: "3", unit: "2", room: "1804", people: [NewPerson(name: "张阿姨")], consent: NewConsent(purpose: "每日探访"))
        _ = try await wu.submitHousehold(id: newCommandId(), command: .register(household))
        try await wu.grant(id: newCommandId(), device: try await mei.device(), grant: .care)
        try await sync()
        try await sync()
        let lines = try await mei.households(filter: HouseholdFilter()).items
        return [
            "without_grant": hers, "of_the_founder": his, "with_grant": lines.count,
            "people": lines.flatMap(\.card.people), "agreed": lines.allSatisfy(\.agreed),
        ]
    }

    // MARK: a file, a live link, many calls

    private func bundle() async throws -> Seen {
        let command = OrderCommand.post(
            NewOrder(
                building: "3", room: "301", kind: "grocery", urgency: .normal,
                items: [NewItem(name: "大米", qty: "1", unit: "袋")], way: .app))
        try await wu.submit(command)
        let (first, second) = try await hand(bundleOf: wu, to: mei, times: 2)
        return [
            "new": first.fresh, "ending": code(first.ending), "new_again": second.fresh,
            "board": try await board(mei).count, "hash_equal": try await wu.stateHash() == mei.stateHash(),
        ]
    }

    private func live() async throws -> Seen {
        let (hers, his) = (try await mei.dialPipe(peer: .member), try await wu.acceptPipe())
        let (one, other) = try socketPair()
        async let dialled: Void = hers.carry(over: one)
        async let accepted: Void = his.carry(over: other)
        let news = try mei.updates()
        let receipt = try await wu.submit(groceries(room: "302", note: "鸡蛋"))
        let wanted = receipt.aggregate
        let kind = try await changed(news, wanted)
        let onBoard = try await board(mei).contains { $0.order == wanted }
        try await hers.close()
        try await accepted
        try? await dialled
        return ["kind": kind, "on_board": onBoard, "closed": try his.state().closed]
    }

    private func cancel() async throws -> Seen {
        let mei = mei!
        let waiting = Task {
            // What is late of the step before is passed over.
            for try await _ in try mei.updates() {}
            return Task.isCancelled
        }
        try await Task.sleep(for: .milliseconds(200))
        waiting.cancel()
        let cancelled = try await within(.seconds(60)) { try await waiting.value }
        let news = try mei.updates()
        let receipt = try await mei.submit(groceries(room: "303", note: "油"))
        let kind = try await changed(news, receipt.aggregate)
        return ["cancelled": cancelled, "next_kind": kind, "board": try await board(mei).count]
    }

    /// The kind of thing that the next news of this thing names.
    private func changed(_ news: Updates, _ wanted: String) async throws -> String {
        try await within(.seconds(60)) {
            for try await update in news {
                if case .changed(let kind, let aggregate, _) = update, aggregate == wanted { return kind }
            }
            throw Otherwise("the updates ended")
        }
    }

    private func concurrent() async throws -> Seen {
        let mei = mei!
        let posted = try await withThrowingTaskGroup(of: String.self) { calls in
            for room in 401...450 {
                calls.addTask {
                    try await mei.submit(groceries(room: "\(room)", note: "米")).aggregate
                }
            }
            return try await calls.reduce(into: Set<String>()) { $0.insert($1) }
        }
        return ["distinct": posted.count, "board": try await board(mei).count]
    }

    // MARK: asleep, broken, withdrawn

    private func suspend() async throws -> Seen {
        let free = try await mei.suspend(within: .seconds(30))
        let asleep = try await outcome { _ = try await board(mei) }
        // Another phone on the same home opens only where nobody holds its lock.
        let other = try await Phone.open(home: meiHome, secrets: meiSecrets)
        try await other.close()
        try await mei.resume()
        let count = try await board(mei).count
        try await mei.resume()
        return ["while_suspended": asleep, "lock_free": free, "board": count]
    }

    private func panic() async throws -> Seen {
        let before = try await mei.stateHash()
        let panic = try await outcome { try await mei.provokePanic() }
        let afterwards = try await outcome { _ = try await board(mei) }
        try await mei.close()
        mei = try await Phone.open(home: meiHome, secrets: meiSecrets)
        return [
            "panic": panic, "afterwards": afterwards, "board": try await board(mei).count,
            "hash_kept": try await mei.stateHash() == before,
        ]
    }

    private func withdraw() async throws -> Seen {
        try await sync()
        let device = try await mei.device()
        try await wu.revoke(id: newCommandId(), revocation: Revocation(who: .device(device: device)))
        let inStep = try await meet()
        _ = try await hand(bundleOf: wu, to: mei, times: 1)
        let post = try await outcome { try await mei.submit(groceries(room: "304", note: "盐")) }
        let left = try await wu.members().filter { !$0.withdrawn }.count
        return ["members_left": left, "in_step": inStep, "post": post]
    }

    private func memory() async throws -> Seen {
        let page = OrderFilter(state: .open, limit: 10)
        func call(_ times: Int) async throws {
            for nth in 0..<times {
                switch nth % 3 {
                case 0: _ = try await wu.board(filter: page)
                case 1: _ = try await wu.order(order: order)
                default: _ = try await wu.settings()
                }
            }
        }
        let (stretch, stretches) = (10_000, 10)
        try await call(stretch)
        var before = try residentKiB()
        var least = Int64.max
        // An allocator takes more now and then: what is lost with a call is lost in every stretch.
        for _ in 0..<stretches {
            try await call(stretch)
            let after = try residentKiB()
            least = min(least, after - before)
            before = after
        }
        return ["calls": stretch * stretches, "growth_at_most_kib": max(0, least) * Int64(stretches)]
    }

    // MARK: what steps share

    private func sync(expecting peer: Peer = .member) async throws {
        guard try await meet(expecting: peer) else { throw Otherwise("Wu and Mei did not get in step") }
    }

    /// A conversation between Mei, who dials, and Wu; whether they got in step.
    private func meet(expecting peer: Peer = .member) async throws -> Bool {
        let (hers, his) = (try await mei.dialPipe(peer: peer), try await wu.acceptPipe())
        let (one, other) = try socketPair()
        let dialled = Task { try await hers.carry(over: one, pieces: 4096) }
        let accepted = Task { try await his.carry(over: other, pieces: 4096) }
        let end = ContinuousClock.now + .seconds(60)
        var inStep = false
        while !inStep, ContinuousClock.now < end {
            // A side that was turned away has no state any more.
            guard let one = try? hers.state(), let other = try? his.state(), !one.closed, !other.closed else { break }
            inStep = one.inStep && other.inStep
            try await Task.sleep(for: .milliseconds(5))
        }
        try? await hers.close()
        if !inStep {
            dialled.cancel()
            accepted.cancel()
        }
        (_, _) = (await dialled.result, await accepted.result)
        return inStep
    }

    private func hand(bundleOf one: Phone, to other: Phone, times: Int) async throws -> (ImportReport, ImportReport) {
        let file = URL(fileURLWithPath: wuHome + "-bundle")
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try await one.exportBundle(to: file)
        let first = try await other.importBundle(from: file)
        return (first, times > 1 ? try await other.importBundle(from: file) : first)
    }

    private func line(of order: String, in lines: [OrderLine]) throws -> OrderLine {
        guard let line = lines.first(where: { $0.order == order }) else { throw Otherwise("the order is not on the board") }
        return line
    }
}

extension Phone {
    /// Carries out a command under an id of its own.
    @discardableResult
    func submit(_ command: OrderCommand, on order: String? = nil) async throws -> Receipt {
        try await submitOrder(id: newCommandId(), command: command, on: order)
    }

    @discardableResult
    func submit(_ command: BoxCommand, on box: String? = nil) async throws -> Receipt {
        try await submitBox(id: newCommandId(), command: command, on: box)
    }
}

/// The open orders, all pages.
public func board(_ phone: Phone) async throws -> [OrderLine] {
    var filter = OrderFilter(state: .open)
    var lines: [OrderLine] = []
    while true {
        let page = try await phone.board(filter: filter)
        lines += page.items
        guard let next = page.next else { return lines }
        filter.after = next
    }
}

func groceries(room: String, note: String) -> OrderCommand {
    .post(NewOrder(building: "3", room: room, kind: "grocery", urgency: .normal, note: note, way: .app))
}

private func texts(_ values: [Scalar]) -> [String] {
    values.compactMap { if case .text(let text) = $0 { text } else { nil } }
}

/// So much of something, as the story writes it.
private func sentence(_ carry: Carry) -> String {
    "\(carry.name) \(carry.qty) \(carry.unit ?? "")"
}

/// Waits so long and no longer.
public func within<T: Sendable>(_ patience: Duration, _ work: @escaping @Sendable () async throws -> T) async throws -> T {
    try await withThrowingTaskGroup(of: T.self) { race in
        race.addTask { try await work() }
        race.addTask {
            try await Task.sleep(for: patience)
            throw Otherwise("nothing came within \(patience)")
        }
        defer { race.cancelAll() }
        guard let first = try await race.next() else { throw CancellationError() }
        return first
    }
}

/// What this process has in memory.
private func residentKiB() throws -> Int64 {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    guard let kib = line?.split(separator: " ").dropLast().last.flatMap({ Int64($0) }) else { throw Otherwise("no VmRSS") }
    return kib
}
