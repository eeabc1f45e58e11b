import Foundation
import Linli
import Story
import XCTest

@testable import LinliSample

/// The models on real phones.
@MainActor
final class ModelTests: XCTestCase, @unchecked Sendable {
    private let words = Words.preferred(["en"])

    private func founded() async throws -> Phone {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        _ = try await phone.found(name: "Asha")
        return phone
    }

    // MARK: the board

    func test_a_posted_draft_stands_on_the_board() async throws {
        let phone = try await founded()
        let board = BoardModel(phone: phone, words: words)
        await board.refresh()
        XCTAssertTrue(board.kinds.contains { $0.code == "medicine" && $0.name == "Medicine" || $0.code == "medicine" })

        board.draft.building = "3"
        board.draft.room = "1804"
        board.draft.items = "insulin, masks"
        board.draft.urgency = .urgent
        let order = await board.post()

        XCTAssertEqual(board.rows.map(\.id), [order])
        let row = try XCTUnwrap(board.rows.first)
        XCTAssertTrue(row.title.contains("insulin") && row.title.contains("masks"), row.title)
        XCTAssertEqual(row.place, "Building 3, 1804")
        XCTAssertEqual(row.badges, ["urgent"])
        XCTAssertEqual(row.status, "open")
        XCTAssertEqual(board.draft, OrderDraft())
        XCTAssertNil(board.failure)
    }

    func test_the_board_says_that_something_needs_a_newer_app() async throws {
        let phone = try await founded()
        let board = BoardModel(phone: phone, words: words)
        let following = Task { await board.follow() }
        try await eventually { !board.kinds.isEmpty }
        XCTAssertNil(board.newer)

        try await phone.provokeNewer()

        try await eventually { board.newer == words.say("screen.newer_at_once") }
        following.cancel()
        await following.value
    }

    func test_an_empty_draft_is_not_posted() async throws {
        let board = BoardModel(phone: try await founded(), words: words)
        board.draft.building = " "
        board.draft.note = "soup"

        let posted = await board.post()

        XCTAssertNil(posted)
        XCTAssertFalse(board.draft.isComplete)
    }

    func test_a_refused_draft_stays_and_says_why() async throws {
        let board = BoardModel(phone: try await founded(), words: words)
        board.draft.building = "3"
        board.draft.kind = "teleport"
        board.draft.note = "soup"

        let posted = await board.post()

        XCTAssertNil(posted)
        XCTAssertEqual(board.failure?.key, "refusal.order.unknown_kind")
        XCTAssertTrue(board.failure?.sentence(words).contains("teleport") == true)
        XCTAssertEqual(board.draft.note, "soup")
        XCTAssertNil(board.draft.command)
    }

    func test_the_board_follows_what_happens() async throws {
        let phone = try await founded()
        let board = BoardModel(phone: phone, words: words)
        let following = Task { await board.follow() }
        try await Task.sleep(for: .milliseconds(100))

        let order = NewOrder(building: "5", kind: "meal", urgency: .normal, note: "soup", way: .app)
        _ = try await phone.submitOrder(id: newCommandId(), command: .post(order))

        try await eventually { board.rows.count == 1 }
        following.cancel()
        await following.value
        XCTAssertNil(board.failure, "who leaves a screen is told nothing")
    }

    func test_scopes_show_what_they_say() async throws {
        let phone = try await founded()
        let board = BoardModel(phone: phone, words: words)
        let order = NewOrder(building: "5", kind: "meal", urgency: .normal, note: "soup", way: .app)
        let posted = try await phone.submitOrder(id: newCommandId(), command: .post(order)).aggregate
        var counts: [BoardScope: Int] = [:]

        _ = try await phone.submitOrder(id: newCommandId(), command: .claim, on: posted)
        for scope in BoardScope.allCases {
            board.scope = scope
            await board.refresh()
            counts[scope] = board.rows.count
        }

        XCTAssertEqual(counts, [.open: 1, .mine: 1, .free: 0, .review: 0])
    }

    // MARK: on top

    func test_whoever_needs_help_stands_on_top_until_somebody_answers() async throws {
        let phone = try await founded()
        let onTop = OnTopModel(phone: phone, words: words)
        let following = Task { await onTop.follow() }
        try await Task.sleep(for: .milliseconds(100))
        XCTAssertEqual(onTop.all, [])

        let raise = AlertCommand.raise(what: "我爸胸口痛", building: "3", room: "1804")
        _ = try await phone.submitAlert(id: newCommandId(), command: raise)
        try await eventually { onTop.all.count == 1 }
        let help = try XCTUnwrap(onTop.all.first)
        XCTAssertEqual(help.title, "HELP NEEDED · chest pain · 3-1804 · Asha")
        XCTAssertEqual(help.text, "我爸胸口痛")
        XCTAssertTrue(help.toDo.contains("call 120") || help.toDo.contains("Call 120"), help.toDo)
        XCTAssertEqual(help.call, URL(string: "tel:120"))

        await onTop.acknowledge(help.id)
        XCTAssertEqual(onTop.all, [])
        following.cancel()
        await following.value
        XCTAssertNil(onTop.failure)
    }

    // MARK: an order

    func test_an_order_is_claimed_and_delivered_and_its_history_reads_well() async throws {
        let phone = try await founded()
        let posted = NewOrder(
            building: "5", room: "301", kind: "meal", urgency: .normal, contact: "Li 13812345678", note: "soup", way: .phone)
        let id = try await phone.submitOrder(id: newCommandId(), command: .post(posted)).aggregate
        let order = OrderModel(order: id, phone: phone, words: words)
        await order.refresh()
        XCTAssertEqual(order.actions, [.claim, .stillNeeded, .cancel])

        await order.act(.claim)
        XCTAssertEqual(order.actions, [.delivered, .leftAtDoor, .nobody, .release])
        await order.revealContact()
        XCTAssertEqual(order.contact, "Li 13812345678")
        XCTAssertEqual(order.call, URL(string: "tel:13812345678"))
        await order.act(.leftAtDoor)

        XCTAssertEqual(order.row?.status.isEmpty, false)
        XCTAssertEqual(order.history.count, 3)
        XCTAssertTrue(order.history.last?.text.hasSuffix("Asha delivered it: left at the door") == true, "\(order.history)")
        XCTAssertNil(order.failure)
    }

    func test_what_others_wrote_cannot_drive_a_screen() async throws {
        let phone = try await founded()
        let posted = NewOrder(
            building: "5", room: "301", kind: "meal", urgency: .normal, note: "soup\nhot\u{7}",
            items: [NewItem(name: "rice\u{1b}[2J\nmilk")], way: .phone)
        let id = try await phone.submitOrder(id: newCommandId(), command: .post(posted)).aggregate
        let order = OrderModel(order: id, phone: phone, words: words)
        await order.refresh()

        XCTAssertTrue(order.row?.title.hasSuffix("rice␛[2J␊milk") == true, "\(String(describing: order.row))")
        XCTAssertEqual(order.note, "soup\nhot␇")
        XCTAssertEqual(words.knowing(names: ["a": "Li\u{202e}"]).called(id: "a").contains("\u{202e}"), false)
    }

    func test_a_warning_asks_first_and_is_then_insisted_on() async throws {
        let phone = try await founded()
        let posted = NewOrder(building: "5", kind: "meal", urgency: .normal, note: "soup", way: .app)
        let id = try await phone.submitOrder(id: newCommandId(), command: .post(posted)).aggregate
        _ = try await phone.submitOrder(id: newCommandId(), command: .deliver(how: .handedOver), on: id)
        let order = OrderModel(order: id, phone: phone, words: words)

        await order.act(.leftAtDoor)
        XCTAssertEqual(order.warned, .leftAtDoor)
        XCTAssertEqual(order.failure?.key, "refusal.order.warn_delivered")
        XCTAssertEqual(order.failure?.sentence(words).contains("{"), false)
        await order.insist()

        XCTAssertNil(order.failure)
        XCTAssertNil(order.warned)
        XCTAssertTrue(order.review.contains { $0.hasPrefix("delivered twice") }, "\(order.review)")
    }

    // MARK: a box

    func test_a_box_gives_what_expires_first_and_keeps_back_what_is_recalled() async throws {
        let phone = try await founded()
        let details = ProductDetails(name: "ibuprofen", units: [ProductUnit(unit: "tablet")])
        let listed = try await phone.submitProduct(id: newCommandId(), command: .list(details: details, class: .overTheCounter))
        let opened = try await phone.submitBox(id: newCommandId(), command: .open(building: "3", place: "gate"))
        for (batch, expiry) in [("A1", "2030-12-31"), ("B2", "2029-06-30")] {
            let goods = Goods(product: listed.aggregate, batch: batch, expiry: expiry, unit: "tablet")
            _ = try await phone.submitBox(id: newCommandId(), command: .donate(goods: goods, qty: "20"), on: opened.aggregate)
        }
        let recall = RecallCommand.raise(product: listed.aggregate, scope: .batches(["A1"]), reason: "impure")
        _ = try await phone.submitRecall(id: newCommandId(), command: recall)
        let boxes = BoxesModel(phone: phone, words: words)
        await boxes.refresh()
        XCTAssertEqual(boxes.rows, [BoxRow(id: opened.aggregate, place: "Building 3, gate", badges: [])])
        let box = BoxModel(box: opened.aggregate, phone: phone, words: words)
        await box.refresh()

        XCTAssertEqual(box.place, "gate")
        XCTAssertEqual(box.lots.filter { $0.keptBack != nil }.count, 1)
        XCTAssertEqual(box.recallNotice, "1 lot is recalled: keep them back")
        (box.draft.product, box.draft.quantity, box.draft.building, box.draft.room) = (listed.aggregate, 6, "3", "1804")
        await box.preview()
        XCTAssertEqual(box.missing, 0)
        XCTAssertTrue(box.picks.first?.contains("2029-06-30") == true, "\(box.picks)")
        await box.take()

        XCTAssertNil(box.failure)
        XCTAssertTrue(box.lots.contains { $0.text.contains("14 tablet") }, "\(box.lots)")
        XCTAssertTrue(box.addsUp)
    }

    func test_more_than_there_is_asks_first() async throws {
        let phone = try await founded()
        let details = ProductDetails(name: "masks", units: [ProductUnit(unit: "piece")])
        let listed = try await phone.submitProduct(id: newCommandId(), command: .list(details: details, class: .supply))
        let opened = try await phone.submitBox(id: newCommandId(), command: .open(place: "gate"))
        let goods = Goods(product: listed.aggregate, batch: "A1", expiry: "2030-12-31", unit: "piece")
        _ = try await phone.submitBox(id: newCommandId(), command: .donate(goods: goods, qty: "2"), on: opened.aggregate)
        let box = BoxModel(box: opened.aggregate, phone: phone, words: words)
        (box.draft.product, box.draft.quantity, box.draft.building, box.draft.room) = (listed.aggregate, 6, "3", "1804")

        await box.preview()
        XCTAssertEqual(box.missing, 4)
        await box.take()

        XCTAssertEqual(box.failure?.key, "refusal.box.not_enough")
        XCTAssertTrue(box.warned)
    }

    // MARK: joining

    func test_whatever_is_no_invitation_leaves_the_camera_running() async throws {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        let join = JoinModel(phone: phone, words: words)

        join.scanned("https://example.org/menu")

        XCTAssertEqual(join.step, .failed(Failure(key: "join.not_an_invitation", cure: .tell)))
        XCTAssertEqual(join.sentence, "This is no invitation.")
        join.again()
        XCTAssertEqual(join.step, .scan)
    }

    func test_scanning_leads_to_the_board_over_the_network() async throws {
        let host = try await founded()
        let order = NewOrder(building: "5", kind: "meal", urgency: .normal, note: "soup", way: .app)
        _ = try await host.submitOrder(id: newCommandId(), command: .post(order))
        let node = try await host.startNode(options: NodeOptions(listen: "127.0.0.1:0", nearby: false))
        let here = "127.0.0.1:\(try node.port())"
        let inviting = try await host.invite(offer: Offer(role: .volunteer, name: "Mei"), addresses: [here])
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        let join = JoinModel(phone: phone, words: words)

        join.scanned(try inviting.text())
        guard case .confirm(let card) = join.step else { return XCTFail("\(join.step)") }
        XCTAssertEqual(card.addresses, [here])
        let asking = Task { await join.ask() }
        let digits = try await compared(inviting)
        try await eventually { join.step == .compare(digits: digits) }
        XCTAssertTrue(join.sentence.contains(digits))
        _ = try await inviting.confirm(digits: digits)
        await asking.value

        XCTAssertEqual(join.step, .done)
        let board = BoardModel(phone: phone, words: words)
        await board.refresh()
        XCTAssertEqual(board.rows.count, 1)
        try await node.stop()
    }

    func test_scanning_leads_to_the_board_over_a_pipe_of_the_apps_own() async throws {
        let host = try await founded()
        let inviting = try await host.invite(offer: Offer(role: .volunteer, name: "Mei"), addresses: [])
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        let join = JoinModel(phone: phone, words: words)
        join.scanned(try inviting.text())

        let asking = asks(join, host)
        let digits = try await compared(inviting)
        _ = try await inviting.confirm(digits: digits)
        await asking.value

        XCTAssertEqual(join.step, .done)
        let members = try await phone.members()
        XCTAssertEqual(members.count, 2)
    }

    func test_a_no_is_said_in_words() async throws {
        let host = try await founded()
        let inviting = try await host.invite(offer: Offer(role: .volunteer), addresses: [])
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        let join = JoinModel(phone: phone, words: words)
        join.scanned(try inviting.text())

        let asking = asks(join, host)
        _ = try await compared(inviting)
        try await inviting.refuse()
        await asking.value

        XCTAssertEqual(join.sentence, "The person at the other phone said no.")
    }

    func test_whoever_goes_before_all_came_over_is_not_waited_for() async throws {
        let host = try await founded()
        let inviting = try await host.invite(offer: Offer(role: .volunteer, name: "Mei"), addresses: [])
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        let join = JoinModel(phone: phone, words: words)
        join.scanned(try inviting.text())

        let meetings = Meetings()
        let asking = Task {
            await join.ask(over: {
                let (one, other) = try socketPair()
                guard await meetings.isFirst() else {
                    other.close()
                    return one
                }
                let pipe = try await host.acceptPipe()
                Task { try await pipe.carry(over: other) }
                return one
            })
        }
        let digits = try await compared(inviting)
        _ = try await inviting.confirm(digits: digits)
        try await eventually {
            if case .failed = join.step { true } else { join.step == .scan }
        }
        await asking.value
    }

    /// Asks over pipes of the test's own.
    private func asks(_ join: JoinModel, _ host: Phone) -> Task<Void, Never> {
        Task {
            await join.ask(over: {
                let (one, other) = try socketPair()
                let pipe = try await host.acceptPipe()
                Task { try await pipe.carry(over: other) }
                return one
            })
        }
    }

    /// What the inviting person has to compare, once somebody asks.
    private func compared(_ inviting: Inviting) async throws -> String {
        for try await state in inviting.states {
            if case .comparing(let digits, _, _) = state { return digits }
        }
        throw Otherwise("nobody asked")
    }

    // MARK: the app

    func test_the_app_opens_sleeps_and_wakes() async throws {
        let home = URL(fileURLWithPath: try freshHome())
        let secrets = MemorySecrets()
        let session = AppSession(home: home, secrets: secrets, system: Silent(), words: words, options: nil)
        await session.open()
        XCTAssertEqual(session.stage, .stranger)
        _ = try await session.phone.found(name: "Asha")
        await session.joined()

        await session.changed(to: .background)
        // The system may look: nobody holds the home.
        let other = try await Phone.open(home: home.path, secrets: secrets)
        try await other.close()
        await session.changed(to: .active)

        XCTAssertEqual(session.stage, .member)
        await session.board.refresh()
        XCTAssertNil(session.board.failure)
    }

    func test_nobody_looks_around_before_ios_lets_them() async throws {
        let options = NodeOptions(listen: "127.0.0.1:0", nearby: true)
        let engine = PhoneEngine(phone: try await founded(), options: options)
        try await engine.talk(nearby: false)
        try await Task.sleep(for: .milliseconds(200))
        let before = try await engine.nearby()
        XCTAssertEqual(before, .off)

        try await engine.talk(nearby: true)
        try await looksAround(engine)
        try await engine.suspend(within: .seconds(30))
        try await engine.resume()
        try await looksAround(engine)
        try await engine.suspend(within: .seconds(30))
    }

    /// It does so a moment after its start, or finds that there is no network to look around in.
    private func looksAround(_ engine: PhoneEngine) async throws {
        for _ in 0..<6000 {
            if try await engine.nearby() != .off { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        XCTFail("it never looked around")
    }

    func test_an_open_alert_sets_the_alarm() async throws {
        let phone = try await founded()
        let engine = PhoneEngine(phone: phone, options: nil)
        let before = try await engine.nextAlarm()
        XCTAssertNil(before)

        _ = try await phone.submitAlert(id: newCommandId(), command: .raise(what: "chest_pain", building: "3"))

        let alarm = try await engine.nextAlarm()
        XCTAssertEqual(alarm?.key, "alarm.alert_louder")
        for key in ["alarm.alert_louder", "alarm.needed_by", "alarm.lease_ends"] { XCTAssertTrue(words.has(key: key), key) }
        XCTAssertGreaterThan(try XCTUnwrap(alarm?.at), Date())
    }

    private func eventually(_ fits: () -> Bool) async throws {
        for _ in 0..<6000 {
            if fits() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        XCTFail("it never came to that")
    }
}

private actor Silent: System {
    func beginBackgroundTime() async {}
    func endBackgroundTime() async {}
    func setAlarm(_: Wakeup?) async {}
}

/// Tells the first meeting from those behind it.
private actor Meetings {
    private var begun = 0

    func isFirst() -> Bool {
        begun += 1
        return begun == 1
    }
}
