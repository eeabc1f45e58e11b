import Linli
import Story
import XCTest

final class StoryTests: XCTestCase {
    func test_the_story_goes_as_told() async throws {
        try await Story().tell { print("  \($0)") }
    }
}
