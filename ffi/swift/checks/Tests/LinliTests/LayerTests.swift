import Foundation
import Linli
import Story
import XCTest

/// What the layer adds to the bindings: sequences that end, cancellation that reaches the engine, pipes that say why.
final class LayerTests: XCTestCase {
    /// How long anything here may take, on a busy machine too.
    private let patience = Duration.seconds(60)
    /// Much sooner than a pipe is taken for stalled, on a busy machine too.
    private let soon = Duration.seconds(15)

    private func founded() async throws -> Phone {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        _ = try await phone.found(name: "Asha")
        return phone
    }

    func test_updates_end_when_the_phone_is_closed() async throws {
        let phone = try await founded()
        var news = try phone.updates().makeAsyncIterator()
        let order = NewOrder(building: "3", kind: "medicine", urgency: .urgent, note: "insulin", way: .app)
        _ = try await phone.submitOrder(id: newCommandId(), command: .post(order))
        let heard = try await news.next()
        XCTAssertNotNil(heard)

        let rest = Task { [news] in
            var (news, heard) = (news, 0)
            while try await news.next() != nil { heard += 1 }
            return heard
        }
        try await phone.close()

        let more = try await within(patience) { try await rest.value }
        XCTAssertLessThan(more, 100)
    }

    func test_a_cancelled_task_stops_listening_and_others_go_on() async throws {
        let phone = try await founded()
        let (one, other) = (try phone.updates(), try phone.updates())
        let cancelled = Task { for try await _ in one {} }
        let kept = Task {
            for try await news in other { return news }
            throw Otherwise("the updates ended")
        }
        try await Task.sleep(for: .milliseconds(50))

        cancelled.cancel()
        try await within(patience) { try await cancelled.value }
        _ = try await phone.submitOrder(
            id: newCommandId(), command: .post(NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app)))

        let heard = try await within(patience) { try await kept.value }
        guard case .changed("order", _, _) = heard else { return XCTFail("\(heard)") }
    }

    func test_who_was_cancelled_before_it_listened_stops_hearing_all_the_same() async throws {
        let phone = try await founded()
        let news = try phone.updates()
        let listening = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            for try await _ in news {}
        }
        try await within(patience) { try await listening.value }

        let command = OrderCommand.post(NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app))
        _ = try await phone.submitOrder(id: newCommandId(), command: command)

        let rest = try await news.nextUpdate()
        XCTAssertNil(rest, "the subscription is closed")
    }

    func test_waiting_for_who_asks_can_be_cancelled() async throws {
        let phone = try await founded()
        let inviting = try await phone.invite(offer: Offer(role: .volunteer), addresses: [])
        let waiting = Task { for try await state in inviting.states { if case .comparing = state { return } } }
        try await Task.sleep(for: .milliseconds(50))

        waiting.cancel()
        do {
            try await waiting.value
            XCTFail("nobody asked")
        } catch is CancellationError {}
    }

    func test_cancelling_a_bundle_leaves_no_file() async throws {
        let phone = try await founded()
        let file = URL(fileURLWithPath: try freshHome() + "/bundle")
        let exporting = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await phone.exportBundle(to: file)
        }

        do {
            _ = try await exporting.value
            XCTFail("it was written all the same")
        } catch is CancellationError {}

        XCTAssertFalse(FileManager.default.fileExists(atPath: file.path))
    }

    func test_a_command_in_flight_is_durable_though_its_task_was_cancelled() async throws {
        let phone = try await founded()
        let id = try newCommandId()
        let command = OrderCommand.post(NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app))
        let posting = Task { try await phone.submitOrder(id: id, command: command) }
        posting.cancel()

        let first = try await posting.value
        let again = try await phone.submitOrder(id: id, command: command)

        XCTAssertEqual(first.aggregate, again.aggregate)
        let orders = try await board(phone)
        XCTAssertEqual(orders.count, 1)
    }

    func test_a_pipe_that_breaks_says_so() async throws {
        let phone = try await founded()
        let (one, other) = try socketPair()
        let pipe = try await phone.acceptPipe()
        let carrying = Task { try await pipe.carry(over: one) }

        other.close()

        do {
            try await within(patience) { try await carrying.value }
            XCTFail("it did not notice")
        } catch is PipeBroke {}
    }

    func test_noise_from_a_pipe_is_a_typed_error() async throws {
        let phone = try await founded()
        let (one, other) = try socketPair()
        let pipe = try await phone.acceptPipe()
        let carrying = Task { try await pipe.carry(over: one) }

        try await other.write(Data(repeating: 0xff, count: 64))

        do {
            try await within(patience) { try await carrying.value }
            XCTFail("it did not notice")
        } catch LinliError.Connection {}
    }

    func test_a_cancelled_conversation_lets_go_of_both_ends() async throws {
        let phone = try await founded()
        let (one, other) = try socketPair()
        let pipe = try await phone.acceptPipe()
        let carrying = Task { try await pipe.carry(over: one) }
        try await Task.sleep(for: .milliseconds(50))

        carrying.cancel()

        do {
            try await within(patience) { try await carrying.value }
            XCTFail("it went on")
        } catch is CancellationError {}
        let rest = try await other.read()
        XCTAssertNil(rest)
    }

    func test_a_conversation_that_was_cancelled_before_it_began_lets_go_of_both_ends() async throws {
        let phone = try await founded()
        let (one, other) = try socketPair()
        let pipe = try await phone.acceptPipe()
        let carrying = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await pipe.carry(over: one)
        }

        do {
            try await within(patience) { try await carrying.value }
            XCTFail("it went on")
        } catch is CancellationError {}
        let rest = try await within(patience) { try await other.read() }
        XCTAssertNil(rest)
        XCTAssertThrowsError(try pipe.state())
    }

    func test_a_peer_that_stops_reading_is_noticed_though_a_write_is_stuck() async throws {
        let stuck = try await self.stuck()

        try stuck.pipe.provokeStall(ms: 500)

        do {
            try await within(patience) { try await stuck.carrying.value }
            XCTFail("it did not notice")
        } catch LinliError.Connection(let code, _) { XCTAssertEqual(code, "silent") }
    }

    func test_a_phone_that_falls_asleep_is_not_held_by_a_write_that_is_stuck() async throws {
        let stuck = try await self.stuck()

        let free = try await stuck.phone.suspend(within: patience)

        XCTAssertTrue(free)
        do {
            try await within(soon) { try await stuck.carrying.value }
            XCTFail("it went on")
        } catch LinliError.Suspended {}
    }

    func test_who_cancels_lets_go_or_says_goodbye_is_not_held_by_a_write_that_is_stuck() async throws {
        let (cancelled, abandoned, closed) = (try await self.stuck(), try await self.stuck(), try await self.stuck())

        cancelled.carrying.cancel()
        try abandoned.pipe.abandon()
        try await closed.pipe.close()

        try await within(soon) { try await closed.carrying.value }
        for carrying in [cancelled.carrying, abandoned.carrying] {
            let end = try await within(soon) { await carrying.result }
            XCTAssertThrowsError(try end.get())
        }
    }

    func test_a_wrong_frame_from_a_peer_that_takes_nothing_is_a_typed_error() async throws {
        let phone = try await founded()
        let pipe = try await phone.acceptPipe()
        let noise = DeafStream(saying: Data(repeating: 0xff, count: 64))
        let carrying = Task { try await pipe.carry(over: noise) }

        do {
            try await within(soon) { try await carrying.value }
            XCTFail("it did not notice")
        } catch LinliError.Connection {}
    }

    /// A phone that is stuck in a write, because who it talks to has stopped reading.
    private func stuck() async throws -> (phone: Phone, pipe: BytePipe, carrying: Task<Void, Error>) {
        let phone = try await founded()
        let other = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        _ = try await phone.admit(
            id: newCommandId(), record: other.record(), role: .volunteer, member: nil, name: "Mei")
        _ = try await other.join(welcome: phone.welcome())
        _ = try await other.importBundleBytes(bytes: phone.exportBundleBytes(content: .all))
        for room in 1...100 {
            let note = String(repeating: "x", count: 8000)
            let order = NewOrder(building: "3", room: "\(room)", kind: "meal", urgency: .normal, note: note, way: .app)
            _ = try await phone.submitOrder(id: newCommandId(), command: .post(order))
        }
        let (here, there) = try socketPair()
        let (counted, freezing) = (CountingStream(here), FreezingStream(there, after: 50_000))
        let (pipe, theirs) = (try await phone.acceptPipe(), try await other.dialPipe(peer: .member))
        Task { try await theirs.carry(over: freezing) }
        let carrying = Task { try await pipe.carry(over: counted, pieces: 4096) }
        // No byte more for a while: the socket is full.
        try await within(patience) {
            var before = -1
            while !freezing.isFrozen || counted.written != before {
                before = counted.written
                try await Task.sleep(for: .milliseconds(300))
            }
        }
        let state = try pipe.state()
        XCTAssertTrue(state.met && state.unsent > 0, "\(state)")
        return (phone, pipe, carrying)
    }

    func test_a_listener_that_is_cancelled_leaves_nothing_waiting() async throws {
        let host = try await founded()
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        let invitation = try await host.invite(offer: Offer(role: .volunteer), addresses: [])
        var node: Node? = try await host.startNode(options: NodeOptions(listen: nil, nearby: false))
        var joining: Joining? = try await phone.ask(invitation: invitation.text())
        weak var nodeGone = node
        weak var joiningGone = joining

        for listening in [listen(to: node!.connections), listen(to: joining!.states)] {
            try await Task.sleep(for: .milliseconds(50))
            listening.cancel()
            _ = await listening.result
        }
        (node, joining) = (nil, nil)

        let end = ContinuousClock.now + patience
        while nodeGone != nil || joiningGone != nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(20))
        }
        XCTAssertNil(nodeGone, "nothing waits for a change any more")
        XCTAssertNil(joiningGone, "nothing waits for a change any more")
    }

    private func listen<State: Sendable>(to states: States<State>) -> Task<Void, Error> {
        Task { for try await _ in states {} }
    }

    func test_a_phone_sleeps_with_an_open_pipe_and_its_subscribers_hear_that_it_slept() async throws {
        let phone = try await founded()
        let news = try phone.updates()
        let (one, _) = try socketPair()
        let pipe = try await phone.acceptPipe()
        let carrying = Task { try await pipe.carry(over: one) }

        let free = try await phone.suspend(within: patience)
        _ = await carrying.result
        let listening = Task { try await news.nextUpdate() }
        try await Task.sleep(for: .milliseconds(50))
        try await phone.resume()

        XCTAssertTrue(free)
        let heard = try await within(patience) { try await listening.value }
        XCTAssertEqual(heard, .missed)
    }

    func test_what_only_a_newer_app_reads_is_heard_of_and_told_with_its_author() async throws {
        let phone = try await founded()
        let before = try await phone.needsNewerApp()
        XCTAssertTrue(before.isEmpty)
        let news = try phone.updates()

        try await phone.provokeNewer()

        var heard: Update?
        while heard != .newer { heard = try await within(patience) { try await news.nextUpdate() } }
        let lines = try await phone.needsNewerApp()
        XCTAssertEqual(lines.map(\.what), [.alert])
        XCTAssertEqual(lines.map(\.protects), [true])
        let device = try await phone.device()
        XCTAssertEqual(lines.map(\.device), [device])
    }

    func test_times_and_durations_keep_their_milliseconds() {
        XCTAssertEqual(Date(wallMs: 1_893_456_000_001).wallMs, 1_893_456_000_001)
        XCTAssertEqual(Date.distantFuture.wallMs, 64_092_211_200_000)
        XCTAssertEqual(Duration.microseconds(1).wholeMilliseconds, 1)
        XCTAssertEqual(Duration.seconds(-1).wholeMilliseconds, 0)
        XCTAssertEqual(Duration(wholeMilliseconds: 1500), .milliseconds(1500))
    }
}

/// A pipe whose bytes are counted on their way out.
private final class CountingStream: ByteStream, @unchecked Sendable {
    private let inner: SocketStream
    private let lock = NSLock()
    private var count = 0

    var written: Int { lock.withLock { count } }

    init(_ inner: SocketStream) {
        self.inner = inner
    }

    func read() async throws -> Data? { try await inner.read() }

    func write(_ bytes: Data) async throws {
        try await inner.write(bytes)
        lock.withLock { count += bytes.count }
    }

    func close() { inner.close() }
}

/// A pipe of an app that freezes after it has read so many bytes.
private final class FreezingStream: ByteStream, @unchecked Sendable {
    private let inner: SocketStream
    private let lock = NSLock()
    private var left: Int
    private var isClosed = false

    var isFrozen: Bool { lock.withLock { left <= 0 } }

    init(_ inner: SocketStream, after: Int) {
        (self.inner, left) = (inner, after)
    }

    func read() async throws -> Data? {
        if isFrozen {
            while !(lock.withLock { isClosed }) { try await Task.sleep(for: .milliseconds(20)) }
            return nil
        }
        let bytes = try await inner.read()
        lock.withLock { left -= bytes?.count ?? 0 }
        return bytes
    }

    func write(_ bytes: Data) async throws { try await inner.write(bytes) }

    func close() {
        lock.withLock { isClosed = true }
        inner.close()
    }
}

/// A pipe that says one thing and takes nothing, until it is closed.
private final class DeafStream: ByteStream, @unchecked Sendable {
    private let lock = NSLock()
    private var saying: Data?
    private var isClosed = false

    init(saying: Data) {
        self.saying = saying
    }

    func read() async throws -> Data? {
        let said = lock.withLock {
            defer { saying = nil }
            return saying
        }
        if said == nil { try await closed() }
        return said
    }

    func write(_ bytes: Data) async throws { try await closed() }

    func close() { lock.withLock { isClosed = true } }

    private func closed() async throws {
        while !(lock.withLock { isClosed }) { try await Task.sleep(for: .milliseconds(20)) }
    }
}
