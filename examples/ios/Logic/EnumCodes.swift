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

extension LotHidden {
    /// The code, and what its sentence needs.
    var said: (code: String, params: [String: Param]) {
        switch self {
        case .empty: ("empty", [:])
        case .quarantined: ("quarantined", [:])
        case .expired(let expiry): ("expired", ["expiry": .text(expiry)])
        case .recalled(let recall): ("recalled", ["recall": .text(recall)])
        case .unknownBatch(let recall): ("unknown_batch", ["recall": .text(recall)])
        case .noClass: ("no_class", [:])
        case .prescription: ("prescription", [:])
        case .unknownLot: ("unknown_lot", [:])
        case .otherUnit(let unit): ("other_unit", ["unit": .text(unit)])
        }
    }
}
