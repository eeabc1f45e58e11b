import Foundation
import Linli
import Story
import XCTest

/// What the README shows first, and that whatever it shows is code that is compiled and tested.
final class FirstOrderTests: XCTestCase {
    func test_the_first_order_stands_on_the_board() async throws {
        let home = try freshHome()
        let secrets = MemorySecrets()

        // snippet: first
        let phone = try await Phone.open(home: home, secrets: secrets)
        let founded = try await phone.foundWithKit(name: "Asha")
        // The keystore keeps these until somebody says that they are written down; until then `kitWords` shows them again.
        print(founded.kit.english.joined(separator: " "))
        try await phone.confirmKit()

        let order = NewOrder(
            building: "3", room: "1804", kind: "medicine", urgency: .urgent,
            items: [NewItem(name: "insulin", qty: "2", unit: "box")], way: .phone)
        _ = try await phone.submitOrder(id: newCommandId(), command: .post(order))

        for line in try await phone.board(filter: OrderFilter(state: .open)).items {
            print(cleanLine(text: "\(line.card.building) \(line.card.room ?? "") \(line.card.items.joined(separator: ", "))"))
        }
        // end

        let lines = try await board(phone)
        XCTAssertEqual(lines.map(\.card.items), [["insulin 2 box"]])
        try await phone.close()
    }

    func test_a_refusal_is_caught_by_its_code() async throws {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        _ = try await phone.found(name: "Asha")
        let posted = NewOrder(building: "3", kind: "meal", urgency: .normal, note: "soup", way: .app)
        let order = try await phone.submitOrder(id: newCommandId(), command: .post(posted)).aggregate
        var said: [String] = []

        for _ in 1...2 {
            // snippet: errors
            let id = try newCommandId()
            do {
                _ = try await phone.submitOrder(id: id, command: .claim, on: order)
            } catch LinliError.Refused(_, let code, _, let warning, _) {
                // Your own words by `code`; where it only warns, ask whether it happened all the same.
                said.append(warning ? "\(code)?" : code)
            } catch LinliError.DiskFull {
                said.append("make room")
            }
            // end
        }

        XCTAssertEqual(said, ["already_yours"])
        try await phone.close()
    }

    /// A block of the README that begins with `// FILE: NAME` is the region of that name in that file.
    func test_what_the_readme_shows_is_compiled_and_tested() throws {
        let checkout = URL(fileURLWithPath: ProcessInfo.processInfo.environment["LINLI_CHECKOUT"] ?? ".")
        let readme = try String(contentsOf: checkout.appendingPathComponent("ffi/swift/README.md"), encoding: .utf8)
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        var shown = 0
        for block in blocks where block.hasPrefix("// examples/") || block.hasPrefix("// ffi/") {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let parts = lines[0].dropFirst(3).components(separatedBy: ": ")
            let source = try String(contentsOf: checkout.appendingPathComponent(parts[0]), encoding: .utf8)
            XCTAssertEqual(lines.dropFirst().joined(separator: "\n"), try region(parts[1], of: source) + "\n", lines[0])
            shown += 1
        }
        XCTAssertGreaterThanOrEqual(shown, 5)
    }

    private func region(_ name: String, of source: String) throws -> String {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let begin = try XCTUnwrap(lines.firstIndex { $0.hasSuffix("// snippet: \(name)") }, name)
        let end = try XCTUnwrap(lines[begin...].firstIndex { $0.trimmingCharacters(in: .whitespaces) == "// end" }, name)
        let indent = lines[begin].prefix { $0 == " " }.count
        return lines[(begin + 1)..<end].map { String($0.dropFirst(indent)) }.joined(separator: "\n")
    }
}
