import Linli
import Story
import XCTest

final class FirstTests: XCTestCase {
    func test_a_community_is_founded_and_an_order_stands_on_the_board() async throws {
        let phone = try await Phone.open(home: freshHome(), secrets: MemorySecrets())
        _ = try await phone.found(name: "Asha")
        let receipt = try await phone.postOrder(id: newCommandId(), building: "3", kind: "medicine", note: "insulin")

        let board = try await phone.board()

        XCTAssertEqual(board.map(\.order), [receipt.aggregate])
        try await phone.close()
    }
}
