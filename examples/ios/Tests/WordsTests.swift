import Foundation
import XCTest

@testable import LinliSample

final class WordsTests: XCTestCase {
    func test_a_sentence_names_members_things_and_times() {
        let wu = String(repeating: "0", count: 64)
        let words = Words(.zh, names: [wu: "Wu"])

        XCTAssertEqual(
            words.say("refusal.order.held_by", json: #"{"holder": "\#(wu)", "since": 0}"#),
            "Wu 正在负责此单（自 1970-01-01 08:00）。")
        let to = "\(String(repeating: "0", count: 32))-1-a1b2c3\(String(repeating: "0", count: 26))"
        XCTAssertEqual(Words(.en).say("refusal.order.goes_on", json: #"{"to": "\#(to)"}"#), "The order goes on as #a1b2c3.")
    }

    func test_what_is_unknown_shows_its_code_or_its_reason() {
        XCTAssertEqual(Words(.en).say("refusal.order.of_tomorrow"), "refusal.order.of_tomorrow")
        XCTAssertEqual(Words(.en).say("refusal.order.of_tomorrow", json: #"{"reason": "not today"}"#), "not today")
        XCTAssertEqual(Words(.zh).say("refusal.order.missing", json: "no json"), "缺少「?」。")
    }

    func test_both_languages_use_the_same_parameters() {
        func holes(_ text: String) -> Set<Substring> {
            let parts = text.split(separator: "{", omittingEmptySubsequences: false)
            return Set(parts.dropFirst().compactMap { $0.split(separator: "}").first })
        }
        for (key, (english, chinese)) in Words.table {
            XCTAssertFalse(english.isEmpty || chinese.isEmpty, key)
            XCTAssertEqual(holes(english), holes(chinese), key)
        }
    }

    func test_no_key_stands_twice() {
        let lines = (Words.codes + "\n" + Words.sentences).split(separator: "\n")
        let keys = lines.map { $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces) }

        XCTAssertEqual(Dictionary(grouping: keys, by: { $0 }).filter { $1.count > 1 }.keys.sorted(), [])
        XCTAssertEqual(keys.count, Words.table.count, "every line has three parts")
    }
}
