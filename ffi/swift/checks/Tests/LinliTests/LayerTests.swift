import Foundation
import Linli
import Story
import XCTest

/// What the layer adds to the bindings: sequences that end, cancellation that reaches the engine, pipes that say why.
final class LayerTests: XCTestCase {
    /// How long anything here may take, on a busy machine too.
    private let patience = Duration.seconds(60)

    private func founded() async throws -> Phone {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        _ = try await phone.found(name: "Asha")
        return phone
    }

    func test_updates_end_when_the_phone_is_closed() async throws {
        let phone = try await founded()
        var news = try phone.updates().makeAsyncIterator()
        let order = NewOrder(building: "3", kind: "medicine", urgency: .urgent, note: "insulin", way: .app)
        _ = try await phone.submitOrder(id: newCommandId(), wish: .post(order))
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
            id: newCommandId(), wish: .post(NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app)))

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

        let wish = OrderWish.post(NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app))
        _ = try await phone.submitOrder(id: newCommandId(), wish: wish)

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
        let wish = OrderWish.post(NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app))
        let posting = Task { try await phone.submitOrder(id: id, wish: wish) }
        posting.cancel()

        let first = try await posting.value
        let again = try await phone.submitOrder(id: id, wish: wish)

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
