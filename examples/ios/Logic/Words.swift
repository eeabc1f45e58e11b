// Turns codes into sentences. It knows both languages and no screen; what to say when is for the models.

import Foundation
import Linli

/// The languages of the app.
public enum Language: String, Sendable, CaseIterable {
    case zh
    case en

    /// Chinese where the phone's first language is.
    public static func preferred(_ languages: [String] = Locale.preferredLanguages) -> Language {
        languages.first?.lowercased().hasPrefix("zh") == true ? .zh : .en
    }
}

/// What a sentence needs beside its code: the JSON object that comes with it.
public enum Param: Sendable, Equatable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Param])
    case object([String: Param])

    public init(from decoder: Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let yes = try? value.decode(Bool.self) {
            self = .bool(yes)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Param].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Param].self))
        }
    }

    /// Reads the parameters of a code. What is no object has none: a sentence with holes says more than a crash.
    public static func read(_ json: String) -> [String: Param] {
        guard case .object(let params)? = try? JSONDecoder().decode(Param.self, from: Data(json.utf8)) else { return [:] }
        return params
    }

    /// Reads what an error carries: a text, or JSON where it is a number, a list or a structure.
    public static func read(_ texts: [String: String]) -> [String: Param] {
        texts.mapValues { text in
            let mayBeJSON = text.first.map { "{[-0123456789".contains($0) } ?? false || ["true", "false", "null"].contains(text)
            guard mayBeJSON, let value = try? JSONDecoder().decode(Param.self, from: Data(text.utf8)) else { return .text(text) }
            return value
        }
    }

    var asText: String? {
        if case .text(let text) = self { text } else { nil }
    }
}

/// The words of one language.
public struct Words: Sendable {
    public let language: Language
    /// What the community calls its members, for sentences that name them.
    public var names: [String: String]
    /// Minutes by which the community's clock is ahead of UTC.
    public var utcOffsetMinutes: Int

    public init(_ language: Language, names: [String: String] = [:], utcOffsetMinutes: Int = 8 * 60) {
        self.language = language
        self.names = names
        self.utcOffsetMinutes = utcOffsetMinutes
    }

    /// A sentence with its holes filled. Of an unknown code, the code: it says more than nothing.
    public func say(_ key: String, _ params: [String: Param] = [:]) -> String {
        guard let template = template(key) else { return params["reason"]?.asText ?? key }
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            text += params[name].map { show($0, as: name) } ?? "?"
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// The same, with parameters as the engine gives them.
    public func say(_ key: String, json: String) -> String {
        say(key, Param.read(json))
    }

    /// The word for a code of some kind, else the code itself.
    public func word(_ kind: String, _ code: String) -> String {
        template("\(kind).\(code)") ?? code
    }

    /// Whether both languages have a sentence.
    public static func has(_ key: String) -> Bool {
        guard let (english, chinese) = table[key] else { return false }
        return !english.isEmpty && !chinese.isEmpty
    }

    /// An hour of the community's day.
    public func time(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: utcOffsetMinutes * 60)
        formatter.dateFormat = "yyyy-MM-dd HH:mm"
        return formatter.string(from: date)
    }

    /// A member's name, else the first digits of their id. What others call themselves may hold anything.
    public func name(_ member: String) -> String {
        names[member].map { cleanLine(text: $0) } ?? "@\(member.prefix(8))"
    }

    static let table: [String: (String, String)] = {
        var table: [String: (String, String)] = [:]
        for line in (codes + "\n" + sentences).split(separator: "\n") {
            let parts = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let told = parts.map { $0.trimmingCharacters(in: .whitespaces) }
            table[told[0]] = (told[1], told[2])
        }
        return table
    }()

    private func template(_ key: String) -> String? {
        Words.table[key].map { language == .zh ? $0.1 : $0.0 }
    }

    private func show(_ value: Param, as name: String) -> String {
        switch value {
        case .null: return say("screen.unknown")
        case .bool(let yes): return say(yes ? "screen.yes" : "screen.no")
        case .number(let number):
            let times = ["since", "when", "wall", "happened_at", "until"]
            if times.contains(name) { return time(Date(timeIntervalSince1970: number / 1000)) }
            return number == number.rounded() ? String(Int64(number)) : String(number)
        case .text(let text): return name == "field" ? word("field", text) : show(text)
        case .list(let all): return all.map { show($0, as: name) }.joined(separator: ", ")
        case .object(let all):
            // What keeps a lot back has a code, what is wrong with an address a reason.
            if let code = all["code"]?.asText { return say("hidden.\(code)", all) }
            if let reason = all["reason"]?.asText { return say("address.\(reason)", all) }
            return all.sorted { $0.key < $1.key }.map { "\($0.key): \(show($0.value, as: $0.key))" }.joined(separator: ", ")
        }
    }

    private func show(_ text: String) -> String {
        if names[text] != nil { return name(text) }
        if text.count == 64, text.allSatisfy(\.isHexDigit) { return "@\(text.prefix(8))" }
        if let short = Words.short(reference: text) { return short }
        if text.hasPrefix("event.") { return template(text) ?? text }
        return cleanLine(text: word("word", text))
    }

    /// What people call a thing by: `LOG-SEQ-TAG` becomes the first digits of its tag.
    public static func short(reference: String) -> String? {
        let parts = reference.split(separator: "-")
        guard parts.count == 3, parts[0].count == 32, parts[2].count == 32, parts[2].allSatisfy(\.isHexDigit),
            UInt64(parts[1]) != nil
        else { return nil }
        return "#\(parts[2].prefix(6))"
    }
}
