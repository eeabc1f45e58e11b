// The words of the app: the table that all samples share, a resource of this package. The engine fills in what they say.

import Foundation
import Linli

extension Words {
    /// In the phone's first language: Chinese where that is, else English.
    public static func preferred(_ languages: [String] = Locale.preferredLanguages) -> Words {
        Words(table: shared, locale: languages.first ?? "")
    }

    private static let shared: String = {
        let file = Bundle.module.url(forResource: "words", withExtension: "tsv")
        return file.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
    }()

    /// A sentence with its parameters filled in. Of an unknown code, the code: it says more than nothing.
    public func say(_ key: String, _ params: [String: String] = [:]) -> String {
        say(key: key, params: params)
    }

    /// The same, with parameters as the engine gives them.
    public func say(_ key: String, json: String) -> String {
        tell(key: key, params: json)
    }

    /// The word for a code of some kind, such as `status.order`, else of `status`; else the code itself.
    public func word(_ kind: String, _ code: String) -> String {
        word(kind: kind, code: code)
    }
}
