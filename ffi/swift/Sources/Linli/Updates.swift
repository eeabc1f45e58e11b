// News and states as sequences: `for try await`.

/// News from the moment the subscription was made. It sleeps as long as the phone does, and says `.missed` then. It ends
/// when the phone is closed; cancelling the task that listens ends it too.
///
///     for try await news in try phone.updates() { … }
extension Updates: AsyncSequence {
    public typealias Element = Update

    public struct AsyncIterator: AsyncIteratorProtocol {
        let updates: Updates

        public mutating func next() async throws -> Update? {
            let updates = updates
            do {
                return try await letGo({ try? updates.close() }) { try await updates.nextUpdate() }
            } catch is CancellationError {
                return nil
            }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(updates: self)
    }
}

extension Joining {
    /// How asking stands: `.reaching`, `.comparing`, and in the end `.joined` or `.failed`.
    public var states: States<JoiningState> {
        States(now: { try self.state() }, after: { try await self.nextState(shown: $0, work: $1) })
    }
}

extension Inviting {
    /// How the invitation stands: `.open`, `.comparing`, and in the end `.admitted` or `.over`.
    public var states: States<InvitingState> {
        States(now: { try await self.state() }, after: { try await self.nextState(shown: $0, work: $1) })
    }
}

extension Node {
    /// Who is connected, now and whenever that changes.
    public var connections: States<Connections> {
        States(
            now: { Connections(change: try self.change(), peers: try self.connected()) },
            after: { shown, work in
                let change = try await self.nextChange(since: shown.change, work: work)
                return Connections(change: change, peers: try self.connected())
            })
    }
}

/// Who is connected.
public struct Connections: Sendable {
    let change: UInt64
    public let peers: [ConnectedPeer]
}
