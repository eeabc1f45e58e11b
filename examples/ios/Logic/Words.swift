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

    /// A whole number, in figures too.
    var whole: Int64? {
        switch self {
        case .number(let number): Int64(exactly: number)
        case .text(let text): Int64(text)
        default: nil
        }
    }

    /// Whether a sentence has something to say of it.
    var isSaid: Bool {
        switch self {
        case .null, .bool(false): false
        case .text(let text): !text.isEmpty
        case .list(let all): !all.isEmpty
        case .object(let all): !all.isEmpty
        default: true
        }
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

    /// A sentence with its parameters filled in. Of an unknown code, the code: it says more than nothing.
    public func say(_ key: String, _ params: [String: Param] = [:]) -> String {
        template(key).map { fill($0, params) } ?? params["reason"]?.asText ?? key
    }

    /// The same, with parameters as the engine gives them.
    public func say(_ key: String, json: String) -> String {
        say(key, Param.read(json))
    }

    /// The word for a code of some kind, such as `status.order`, else of `status`; else the code itself.
    public func word(_ kind: String, _ code: String) -> String {
        if let word = template("\(kind).\(code)") { return word }
        guard let dot = kind.lastIndex(of: ".") else { return code }
        return word(String(kind[..<dot]), code)
    }

    /// Whether there is a sentence.
    public static func has(_ key: String) -> Bool {
        table[key] != nil
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

    /// English and Chinese by their key: the table that all samples share, a resource of this package.
    static let table: [String: (String, String)] = {
        guard let file = Bundle.module.url(forResource: "words", withExtension: "tsv"),
            let text = try? String(contentsOf: file, encoding: .utf8)
        else { return [:] }
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let rows = lines.map { $0.replacingOccurrences(of: "\\n", with: "\n").components(separatedBy: "\t") }
        return Dictionary(uniqueKeysWithValues: rows.filter { $0.count == 3 }.map { ($0[0], ($0[1], $0[2])) })
    }()

    private func template(_ key: String) -> String? {
        Words.table[key].map { language == .zh ? $0.1 : $0.0 }
    }

    /// Fills holes, and leaves out what stands in brackets where something inside is missing. A space of the sentence falls
    /// away where Chinese stands on both sides.
    private func fill(_ template: String, _ params: [String: Param]) -> String {
        var (text, rest) = ("", template[...])
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "[" }),
            let close = rest[open...].firstIndex(of: rest[open] == "{" ? "}" : "]")
        {
            text += rest[..<open]
            let inside = String(rest[rest.index(after: open)..<close])
            var said = ""
            if rest[open] == "{" {
                said = hole(inside, params)
            } else if !inside.contains("{") {
                said = String(rest[open...close])
            } else if Words.names(inside).allSatisfy({ params[$0]?.isSaid == true }) {
                said = fill(inside, params)
            }
            rest = rest[rest.index(after: close)...]
            if text.last == " ", isChinese(text.dropLast().last), isChinese(said.first) { text.removeLast() }
            text += said
            if rest.first == " ", isChinese(said.last), isChinese(rest.dropFirst().first) { rest = rest.dropFirst() }
        }
        return text + rest
    }

    private func isChinese(_ letter: Character?) -> Bool {
        letter.map { ("\u{4e00}"..."\u{9fff}").contains($0) } ?? false
    }

    /// Texts one after the other.
    func several(_ texts: [String]) -> String {
        texts.joined(separator: language == .zh ? "、" : ", ")
    }

    private func hole(_ hole: String, _ params: [String: Param]) -> String {
        let name = Words.name(hole)
        let form = String(hole.dropFirst(name.count))
        if form == "?" { return "" }
        guard let value = params[name] else { return "?" }
        switch form {
        case "": return show(value)
        case ":yuan": return value.whole.map(Words.yuan) ?? show(value)
        case ":th": return value.whole.map(nth) ?? show(value)
        case ":time": return value.whole.map { time(Date(timeIntervalSince1970: Double($0) / 1000)) } ?? show(value)
        case ":field": return show(value, of: "field.\(params["list"]?.asText ?? "")")
        case _ where form.hasPrefix(":@"): return show(value, of: params[String(form.dropFirst(2))]?.asText ?? "")
        case _ where form.hasPrefix(":"): return show(value, of: String(form.dropFirst()))
        default:
            let (number, nouns) = (show(value), form.dropFirst().components(separatedBy: "|"))
            return "\(number) \((number == "1" ? nouns.first : nouns.last) ?? "")"
        }
    }

    /// A parameter as people read it, where nothing says what it is a code of.
    private func show(_ value: Param) -> String {
        switch value {
        case .null: return say("screen.unknown")
        case .bool(let yes): return say(yes ? "screen.yes" : "screen.no")
        case .number(let number): return value.whole.map { String($0) } ?? String(number)
        case .text(let text): return show(text)
        case .list(let all): return list(all, show)
        case .object(let all):
            let shown = all.sorted { $0.key < $1.key }.map { show($0.value) }
            return all["value"].map(show) ?? shown.joined(separator: " ")
        }
    }

    private func show(_ text: String) -> String {
        if names[text] != nil { return name(text) }
        if text.count == 64, text.allSatisfy(\.isHexDigit) { return "@\(text.prefix(8))" }
        return Words.short(reference: text) ?? cleanLine(text: text)
    }

    /// A code of a family, or a structure that the family has a sentence for.
    private func show(_ value: Param, of family: String) -> String {
        switch value {
        case .text(let text):
            let word = word(family, text)
            return word == text ? show(text) : word
        case .list(let all): return list(all) { show($0, of: family) }
        case .object(let all):
            // What keeps a lot back has a code, what is wrong with an address a reason.
            let tag = all["code"]?.asText ?? all["reason"]?.asText
            if let template = tag.flatMap({ template("\(family).\($0)") }) { return fill(template, all) }
            if all.count == 1, let (code, inside) = all.first, let template = template("\(family).\(code)") {
                guard case .object(let params) = inside else { return fill(template, all) }
                return fill(template, params)
            }
            return template(family).map { fill($0, all) } ?? show(value)
        default: return show(value)
        }
    }

    /// Values one after the other; a list inside of a list says what belongs together.
    private func list(_ all: [Param], _ show: (Param) -> String) -> String {
        let colon = language == .zh ? "：" : ": "
        let shown = all.map { one in
            if case .list(let pair) = one { pair.map(show).joined(separator: colon) } else { show(one) }
        }
        return several(shown)
    }

    private func nth(_ number: Int64) -> String {
        if language == .zh { return "第 \(number) " }
        if (11...13).contains(number % 100) { return "\(number)th" }
        return "\(number)\([1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th")"
    }

    private static func yuan(_ cents: Int64) -> String {
        let (digits, sign) = (String(cents.magnitude), cents < 0 ? "-" : "")
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(2)).\(padded.suffix(2))"
    }

    private static func name(_ hole: String) -> String {
        String(hole.prefix { !":|?".contains($0) })
    }

    /// The parameters that a template names.
    private static func names(_ template: String) -> [String] {
        template.components(separatedBy: "{").dropFirst().map { name(String($0.prefix { $0 != "}" })) }
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
