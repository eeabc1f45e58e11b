// What a story expects and what was seen: JSON values, and the enums' codes.

import Foundation

/// A JSON value.
public indirect enum Value: Equatable, Sendable, Decodable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Int64)
    case text(String)
    case list([Value])
    case object([String: Value])

    public init(from decoder: Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let yes = try? value.decode(Bool.self) {
            self = .bool(yes)
        } else if let number = try? value.decode(Int64.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Value].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Value].self))
        }
    }

    public init(_ text: String?) {
        self = text.map(Value.text) ?? .null
    }

    public init(_ texts: [String]) {
        self = .list(texts.map(Value.text))
    }

    public init(_ number: (some BinaryInteger)?) {
        self = number.map { .number(Int64(clamping: $0)) } ?? .null
    }

    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let yes): "\(yes)"
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .list(let all): "[\(all.map(\.description).joined(separator: ", "))]"
        case .object(let all): "{\(all.map { "\"\($0.key)\": \($0.value)" }.sorted().joined(separator: ", "))}"
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral
{
    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral number: Int64) { self = .number(number) }
    public init(booleanLiteral yes: Bool) { self = .bool(yes) }
    public init(nilLiteral: ()) { self = .null }
    public init(arrayLiteral all: Value...) { self = .list(all) }
}

/// The code of a plain case: `overTheCounter` is `over_the_counter`.
public func code(_ plain: Any) -> String {
    let name = "\(plain)".prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return name.enumerated().reduce(into: "") { text, letter in
        let separate = letter.element.isUppercase && letter.offset > 0
        text += (separate ? "_" : "") + letter.element.lowercased()
    }
}
