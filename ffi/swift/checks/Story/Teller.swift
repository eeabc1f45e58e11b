// Tells the story: does its steps in order and compares what was seen with what must be.

import Foundation
import Linli

/// `ffi/story/expected.json`.
public struct Expected: Decodable, Sendable {
    public struct Step: Decodable, Sendable {
        public let name: String
        public let see: [String: Value]
    }

    public struct Variant: Decodable, Sendable {
        public let variant: String
        public let how: String?
    }

    public let version: Int
    public let steps: [Step]
    public let errors: [Variant]

    public static func read() throws -> Expected {
        let checkout = ProcessInfo.processInfo.environment["LINLI_CHECKOUT"] ?? FileManager.default.currentDirectoryPath
        let file = URL(fileURLWithPath: checkout).appendingPathComponent("ffi/story/expected.json")
        return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
    }
}

/// What was otherwise than told.
public struct Otherwise: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension Expected.Step {
    /// Compares. Every key must be looked at, and none besides.
    func compare(_ seen: [String: Value]) throws {
        for key in Set(see.keys).union(seen.keys).sorted() {
            guard let wanted = see[key] else { throw Otherwise("\(name): the story does not know \(key)") }
            guard let found = seen[key] else { throw Otherwise("\(name): nobody looked at \(key)") }
            if case .number(let most) = wanted, key.contains("_at_most_") {
                guard case .number(let number) = found, number <= most else {
                    throw Otherwise("\(name).\(key): \(found) is more than \(wanted)")
                }
            } else if wanted != found {
                throw Otherwise("\(name).\(key): saw \(found), told \(wanted)")
            }
        }
    }
}

/// What calling something came to, as the story writes it: a refusal's code, with `!` where it only warns; else the error's
/// name; nothing when it went well.
public func outcome(_ work: () async throws -> Void) async throws -> Value {
    do {
        try await work()
        return nil
    } catch let LinliError.Refused(_, code, _, warning, _) {
        return .text(warning ? code + "!" : code)
    } catch let error as LinliError {
        return .text(code(error))
    }
}
