import Foundation
import Linli
import XCTest

@testable import LinliSample

/// Whatever code the engine gives, both languages have words for it.
final class CodesTests: XCTestCase {
    private let words = Words.preferred(["en"])

    private func lacking(_ keys: some Sequence<String>) -> [String] {
        Set(keys.filter { !words.has(key: $0) }).sorted()
    }

    func test_every_kind_of_event_has_words() async throws {
        let phone = try await Phone.open(
            home: FileManager.default.temporaryDirectory.appendingPathComponent("table-\(UUID())").path, secrets: MemorySecrets())
        let table = try await phone.table()

        XCTAssertGreaterThan(table.count, 60)
        XCTAssertEqual(lacking(table.map { "event.\($0.kind).\($0.code)" }), [])
    }

    func test_every_other_code_has_words() throws {
        let told = try codes()

        XCTAssertGreaterThan(told.count, 200)
        XCTAssertEqual(lacking(told.map { "\($0.family).\($0.code)" }), [])
    }

    func test_every_enum_that_screens_spell_has_words() {
        XCTAssertEqual(lacking(OrderStatus.allCases.map { "status.order.\(code(of: $0))" }), [])
        XCTAssertEqual(lacking(Urgency.allCases.map { "urgency.\(code(of: $0))" }), [])
        XCTAssertEqual(lacking(Held.allCases.map { "held.\(code(of: $0))" }), [])
        XCTAssertEqual(lacking(AlertEscalation.allCases.map { "escalation.\(code(of: $0))" }), [])
        let loud = AlertEscalation.allCases.filter { $0 != .answered }
        XCTAssertEqual(lacking(loud.map { "todo.\(code(of: $0))" }), [])
        XCTAssertEqual(lacking(OrderAction.allCases.map { "act.\($0.rawValue)" }), [])
        XCTAssertEqual(lacking(BoardScope.allCases.map { "scope.\($0.rawValue)" }), [])
    }

    func test_what_an_error_carries_is_read_as_what_it_is() {
        let refused = LinliError.Refused(
            by: "box", code: "not_enough",
            params: ["missing": "4", "asked": "6", "hidden": #"[{"code":"expired","expiry":"2020-01-31"}]"#], warning: true,
            reason: "not enough")
        let failure = Failure(refused)

        XCTAssertEqual(failure.cure, .insist)
        XCTAssertEqual(
            failure.sentence(words), "4 of 6 are missing. Kept back: was good until 2020-01-31")
    }
}
