// Whether iOS lets the app onto the local network. iOS has no question for it: it asks the person at the first use, once,
// and afterwards an attempt tells. So this keeps what attempts told, and what the screen should say.

/// What an attempt on the local network told.
public enum Probe: Sendable, Equatable {
    /// A search for others runs.
    case ready
    /// iOS turned it away: `kDNSServiceErr_PolicyDenied`.
    case policyDenied
    /// There is no Wi-Fi to search in.
    case noNetwork
}

/// How it stands with the permission.
public struct LocalNetwork: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        /// Nobody was asked yet: say first what it is for, then begin to search.
        case explain
        /// The system's question may be on the screen.
        case asking
        case allowed
        /// Only the person can change it, in the settings.
        case denied
        /// Nothing is known, and nothing can be.
        case noNetwork
    }

    /// What the app does next.
    public enum Step: Sendable, Equatable {
        case showExplanation
        /// Begin to search; where nobody was asked yet, iOS asks now.
        case probe
        /// Let the engine listen and look around.
        case startNode
        /// Offer what works without: a code to scan, a relay, Bluetooth, a file. And the way to the settings.
        case offerOtherWays
    }

    public private(set) var state: State

    /// `asked`: whether a search was ever begun on this phone, as the app remembers it.
    public init(asked: Bool) {
        state = asked ? .asking : .explain
    }

    /// The person wants to see who is near.
    public mutating func wantsNearby() -> Step {
        switch state {
        case .explain: return .showExplanation
        case .asking, .noNetwork: return .probe
        case .allowed: return .startNode
        // They may have been to the settings: the next attempt tells.
        case .denied: return .probe
        }
    }

    /// The explanation was read.
    public mutating func explained() -> Step {
        state = .asking
        return .probe
    }

    /// An attempt told something.
    public mutating func learned(_ probe: Probe) -> Step? {
        switch probe {
        case .ready:
            state = .allowed
            return .startNode
        case .policyDenied:
            // While the system's question is open, attempts are turned away too; the answer brings another probe.
            state = .denied
            return .offerOtherWays
        case .noNetwork:
            if state != .denied { state = .noNetwork }
            return .offerOtherWays
        }
    }

    /// The app is in front again, perhaps back from the settings or from the system's question.
    public mutating func cameBack() -> Step? {
        state == .explain ? nil : .probe
    }

    /// The key of the sentence that the screen shows; none while all is well.
    public var hint: String? {
        switch state {
        case .explain: "local.explain"
        case .asking: "local.asking"
        case .allowed: nil
        case .denied: "local.denied"
        case .noNetwork: "local.no_network"
        }
    }
}
