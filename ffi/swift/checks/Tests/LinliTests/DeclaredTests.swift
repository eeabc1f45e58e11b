import Foundation
import Linli
import Story
import XCTest

/// An aggregate that an app says as data, where the engine's own are.
final class DeclaredTests: XCTestCase {
    private let spareKey = """
        {
            "name": "spare_key", "statuses": ["here"],
            "fields": [{ "field": 0, "name": "room", "type": "text" }],
            "kinds": [
                { "kind": 32768, "code": "left", "creates": true, "says": [{ "name": "building", "type": "text" }] },
                { "kind": 32769, "code": "fetched" }
            ]
        }
        """

    func test_what_an_app_declares_is_written_listed_among_the_codes_and_about_its_room() async throws {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets(), declarations: [spareKey])
        _ = try await phone.found(name: "Asha")
        let deed = #"{ "kind": "left", "says": { "building": "3" }, "fields": { "room": "1804" } }"#

        let key = try await phone.submitDeclared(id: newCommandId(), aggregate: "spare_key", deed: deed).aggregate

        let listed = try await phone.declared(aggregate: "spare_key")
        let page = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(listed.utf8)) as? [String: Any])
        let lines = try XCTUnwrap(page["items"] as? [[String: Any]])
        XCTAssertEqual(lines.map { $0["status"] as? String }, ["here"])
        XCTAssertEqual(lines.map { $0["fields"] as? [String: String] }, [["room": "1804"]])
        let codes = try codes(declarations: [spareKey]).map { "\($0.family) \($0.code)" }
        XCTAssert(codes.contains("event.spare_key fetched") && codes.contains("status.spare_key here"))
        let others = try await phone.aboutRoom(building: "3", unit: nil, room: "1804室").others
        XCTAssertEqual(others.map(\.aggregate), [key])
        XCTAssertEqual(others.map(\.kind), ["spare_key"])
        XCTAssertEqual(others.flatMap(\.told).map(\.code), ["left"])
        try await phone.close()
    }
}
