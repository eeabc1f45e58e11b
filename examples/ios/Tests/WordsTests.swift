import Foundation
import Linli
import XCTest

@testable import LinliSample

final class WordsTests: XCTestCase {
    private let en = Words.preferred(["en"])
    private let zh = Words.preferred(["zh-Hans-CN"])

    func test_a_sentence_names_members_things_and_times() {
        let wu = String(repeating: "0", count: 64)
        let words = zh.knowing(names: [wu: "Wu"])

        XCTAssertEqual(
            words.say("refusal.order.held_by", json: #"{"holder": "\#(wu)", "since": 0}"#),
            "Wu 正在负责这个需求（自 1970-01-01 08:00）。")
        let to = "\(String(repeating: "0", count: 32))-1-a1b2c3\(String(repeating: "0", count: 26))"
        XCTAssertEqual(en.say("refusal.order.goes_on", json: #"{"to": "\#(to)"}"#), "The order goes on as #a1b2c3.")
    }

    func test_what_is_unknown_shows_its_code_or_its_reason() {
        XCTAssertEqual(en.say("refusal.order.of_tomorrow"), "refusal.order.of_tomorrow")
        XCTAssertEqual(en.say("refusal.order.of_tomorrow", json: #"{"reason": "not today"}"#), "not today")
        XCTAssertEqual(zh.say("refusal.order.missing", json: "no json"), "缺少“?”。")
    }

    func test_a_sentence_says_money_in_yuan_and_leaves_out_what_is_missing() {
        let bought = #"{"cost_cents": 2580, "happened_at": null, "already_happened": false}"#

        XCTAssertEqual(en.say("event.order.purchased", json: bought), "bought it for 25.80 yuan")
        XCTAssertEqual(zh.say("event.order.purchased", json: "{}"), "买好了")
        XCTAssertEqual(en.say("refusal.box.still_stocked", ["lots": "1"]), "1 lot is left in the box.")
        let given = #"{"goods": {"product": "布洛芬", "batch": "2305", "expiry": null, "unit": "盒"}, "qty": 2}"#
        XCTAssertEqual(zh.say("event.box.donated", json: given), "捐入了 2 盒布洛芬，批号 2305")
    }
}
