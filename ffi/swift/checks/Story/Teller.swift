// What a story says of what it saw: codes, refusals, JSON.

import Foundation
import Linli

/// What was otherwise than told.
public struct Otherwise: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// What calling something came to, as the story writes it: a refusal's code, with `!` where it only warns; else the error's
/// name; nothing when it went well.
public func outcome(_ work: () async throws -> Void) async throws -> String? {
    do {
        try await work()
        return nil
    } catch let LinliError.Refused(_, code, _, warning, _) {
        return warning ? code + "!" : code
    } catch let error as LinliError {
        return code(error)
    }
}

/// The code of a plain case: `overTheCounter` is `over_the_counter`.
public func code(_ plain: Any) -> String {
    let name = "\(plain)".prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return name.enumerated().reduce(into: "") { text, letter in
        let separate = letter.element.isUppercase && letter.offset > 0
        text += (separate ? "_" : "") + letter.element.lowercased()
    }
}

/// A JSON object of texts, whole numbers, yes and no, nothing, and lists of them.
public func json(_ object: [String: Any?]) throws -> String {
    let whole = object.mapValues { $0 ?? NSNull() }
    return String(decoding: try JSONSerialization.data(withJSONObject: whole), as: UTF8.self)
}
