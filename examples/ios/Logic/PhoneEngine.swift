// The phone as the lifecycle drives it.

import Foundation
import Linli

/// An open phone and its node: what sleeps and wakes.
public actor PhoneEngine: Engine {
    public let phone: Phone
    private var node: Node?
    private let options: NodeOptions?

    /// `options` say how to talk to others while awake; none keeps to pipes of the app's own.
    public init(phone: Phone, options: NodeOptions?) {
        (self.phone, self.options) = (phone, options)
    }

    // snippet: sleep
    public func suspend(within patience: Duration) async throws {
        node = nil
        try await phone.suspend(within: patience)
    }

    public func resume() async throws {
        try await phone.resume()
        try await talk()
    }
    // end

    /// Begins to talk to others, once this phone belongs somewhere.
    public func talk() async throws {
        guard let options, node == nil, try await phone.community() != nil else { return }
        node = try await phone.startNode(options: options)
    }

    /// Where others can reach this phone now: what an invitation names.
    public func addresses() throws -> [String] {
        try node?.localAddresses() ?? []
    }

    /// Whether multicast works here: part of what tells of the local-network permission.
    public func nearby() throws -> Nearby {
        try node?.nearby() ?? .off
    }

    // snippet: alarm
    /// One alarm is enough: the next moment at which time alone changes something that this person should hear of. What
    /// rings on a locked phone names nobody.
    public func nextAlarm() async throws -> Wakeup? {
        guard let alarm = try await phone.nextReminder() else { return nil }
        let key =
            switch alarm.of {
            case .alertLouder: "alarm.alert_louder"
            case .neededBy: "alarm.needed_by"
            case .leaseEnds: "alarm.lease_ends"
            }
        return Wakeup(at: Date(wallMs: alarm.at), key: key)
    }
    // end
}
