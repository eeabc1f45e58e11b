import Foundation
import LinliSample
import XCTest

/// Notes what is asked of it, and takes its time.
private actor Notes: Engine, System {
    private(set) var said: [String] = []
    private var alarm: Wakeup?
    private let pause: Duration
    private var fails: Bool

    init(alarm: Wakeup? = nil, pause: Duration = .zero, fails: Bool = false) {
        (self.alarm, self.pause, self.fails) = (alarm, pause, fails)
    }

    func suspend(within: Duration) async throws {
        said.append("suspend")
        try await Task.sleep(for: pause)
        said.append("suspended")
    }

    func resume() async throws {
        said.append("resume")
        if fails { throw CancellationError() }
    }

    func heal() { fails = false }
    func nextAlarm() async throws -> Wakeup? { alarm }
    func beginBackgroundTime() async { said.append("time") }
    func endBackgroundTime() async { said.append("time over") }
    func setAlarm(_ alarm: Wakeup?) async { said.append(alarm.map { "alarm \($0.key)" } ?? "no alarm") }
}

final class LifecycleTests: XCTestCase {
    func test_whoever_leaves_the_screen_lets_go_within_background_time_and_sets_one_alarm() async {
        let notes = Notes(alarm: Wakeup(at: .distantFuture, key: "escalation.tell_leaders"))
        let lifecycle = Lifecycle(engine: notes, system: notes)

        await lifecycle.changed(to: .inactive)
        await lifecycle.changed(to: .background)

        let said = await notes.said
        XCTAssertEqual(said, ["time", "alarm escalation.tell_leaders", "suspend", "suspended", "time over"])
        let state = await lifecycle.state
        XCTAssertEqual(state, .suspended)
    }

    func test_an_alarm_that_is_no_longer_due_is_taken_back() async {
        let notes = Notes(alarm: nil)

        await Lifecycle(engine: notes, system: notes).changed(to: .background)

        let said = await notes.said
        XCTAssertTrue(said.contains("no alarm"))
    }

    func test_whoever_comes_back_while_it_lets_go_gets_it_opened_behind_that() async throws {
        let notes = Notes(pause: .milliseconds(100))
        let lifecycle = Lifecycle(engine: notes, system: notes)

        async let away: Void = lifecycle.changed(to: .background)
        try await Task.sleep(for: .milliseconds(30))
        await lifecycle.changed(to: .active)
        await away

        let said = await notes.said
        XCTAssertEqual(said.suffix(3), ["suspended", "time over", "resume"])
        let state = await lifecycle.state
        XCTAssertEqual(state, .running)
    }

    func test_a_glance_away_and_back_and_away_ends_away() async throws {
        let notes = Notes(pause: .milliseconds(50))
        let lifecycle = Lifecycle(engine: notes, system: notes)

        async let first: Void = lifecycle.changed(to: .background)
        try await Task.sleep(for: .milliseconds(10))
        await lifecycle.changed(to: .active)
        await lifecycle.changed(to: .background)
        await first

        let state = await lifecycle.state
        XCTAssertEqual(state, .suspended)
        let said = await notes.said
        XCTAssertFalse(said.contains("resume"), "only the last phase counts")
    }

    func test_what_does_not_open_again_is_said_and_can_be_tried_again() async {
        let notes = Notes(fails: true)
        let lifecycle = Lifecycle(engine: notes, system: notes)
        await lifecycle.changed(to: .background)

        await lifecycle.changed(to: .active)
        guard case .failed = await lifecycle.state else { return XCTFail("it said nothing") }
        await notes.heal()
        await lifecycle.tryAgain()

        let state = await lifecycle.state
        XCTAssertEqual(state, .running)
    }
}
