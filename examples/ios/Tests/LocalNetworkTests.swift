import Linli
import LinliSample
import XCTest

final class LocalNetworkTests: XCTestCase {
    func test_nobody_is_asked_before_they_know_what_for() {
        var local = LocalNetwork(asked: false)

        XCTAssertEqual(local.wantsNearby(), .showExplanation)
        XCTAssertNil(local.cameBack())
        XCTAssertEqual(local.explained(), .probe)
        XCTAssertEqual(local.learned(.ready), .startNode)
        XCTAssertNil(local.hint)
    }

    func test_whoever_said_no_is_offered_what_works_without() {
        var local = LocalNetwork(asked: true)

        XCTAssertEqual(local.learned(.policyDenied), .offerOtherWays)
        XCTAssertEqual(local.hint, "local.denied")
        XCTAssertTrue(Words.preferred().has(key: "local.denied"))
    }

    func test_a_change_of_mind_in_the_settings_is_noticed_when_the_app_is_back() {
        var local = LocalNetwork(asked: true)
        _ = local.learned(.policyDenied)

        XCTAssertEqual(local.cameBack(), .probe)
        XCTAssertEqual(local.learned(.ready), .startNode)
        XCTAssertEqual(local.state, .allowed)
    }

    func test_without_a_network_nothing_is_learned_of_a_no() {
        var local = LocalNetwork(asked: true)
        _ = local.learned(.policyDenied)

        _ = local.learned(.noNetwork)

        XCTAssertEqual(local.state, .denied)
    }

    func test_every_hint_is_said_in_both_languages() {
        for key in ["local.explain", "local.asking", "local.denied", "local.no_network"] {
            XCTAssertTrue(Words.preferred().has(key: key), key)
        }
    }
}
