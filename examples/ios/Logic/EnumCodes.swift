// The codes of plain enums: the name of the case, in the engine's spelling.

import Linli

/// `leftAtDoor` is `left_at_door`.
func snake(_ name: String) -> String {
    name.reduce(into: "") { text, letter in
        text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
    }
}

extension OrderStatus {
    public var code: String { snake("\(self)") }
}

extension Urgency {
    public var code: String { snake("\(self)") }
}

extension Held {
    public var code: String { snake("\(self)") }
}

extension AlertEscalation {
    public var code: String { snake("\(self)") }
}
