// Scan to join: from the text of a code to a board that has arrived.

import Foundation
import Linli
import Observation

/// A phone that wants to belong.
@MainActor @Observable
public final class JoinModel {
    public enum Step: Equatable, Sendable {
        /// Show the camera, or a field for the text.
        case scan
        /// The code was read: say where it leads and ask for a yes.
        case confirm(InvitationCard)
        /// The other phone is looked for.
        case reaching
        /// Both screens must show these digits; the inviting person says yes.
        case compare(digits: String)
        /// Admitted; the first sync brings the board.
        case arriving
        /// All is here.
        case done
        case failed(Failure)
    }

    public private(set) var step = Step.scan
    /// What to say about the step.
    public var sentence: String {
        switch step {
        case .scan: words.say("join.scan")
        case .confirm: words.say("join.confirm")
        case .reaching: words.say("join.reaching")
        case .compare(let digits): words.say("join.compare", ["digits": digits]) + " " + words.say("join.wait")
        case .arriving: words.say("join.first_sync")
        case .done: words.say("join.ready")
        case .failed(let failure): failure.sentence(words)
        }
    }

    private let phone: Phone
    private let words: Words
    private var text = ""

    public init(phone: Phone, words: Words) {
        (self.phone, self.words) = (phone, words)
    }

    /// The camera saw a code, or somebody pasted a text. Whatever is no invitation leaves the camera running.
    public func scanned(_ text: String) {
        guard step == .scan || isFailed else { return }
        do {
            let card = try readInvitation(text: text)
            (self.text, step) = (text, .confirm(card))
        } catch LinliError.InvalidInput {
            step = .failed(Failure(key: "join.not_an_invitation", cure: .tell))
        } catch {
            step = .failed(Failure(error))
        }
    }

    // snippet: join
    /// Asks to be admitted, over the network; `addresses` are added to those in the code. The person who invites compares
    /// the digits and says yes; then the first sync brings the board.
    public func ask(at addresses: [String] = []) async {
        guard case .confirm(let card) = step else { return }
        step = .reaching
        do {
            let joining = try await phone.ask(invitation: text)
            let asking = try await joining.startNode(addresses: addresses)
            try await until(asking) { try await admitted(joining) }
            step = .arriving
            let node = try await phone.startNode(options: NodeOptions(listen: nil, nearby: false))
            try await until(node) {
                _ = try node.dial(addresses: card.addresses + addresses, peer: joining.peer())
                for try await now in node.connections where now.peers.contains(where: \.inStep) { break }
            }
            step = .done
        } catch {
            fail(error)
        }
    }

    /// Runs a node until something has happened, and stops it however that ended.
    private func until(_ node: Node, happened: () async throws -> Void) async throws {
        do {
            try await happened()
        } catch {
            try? await node.stop()
            throw error
        }
        try await node.stop()
    }
    // end

    /// Asks over a pipe of the app's own, such as Bluetooth; `connect` makes a new one each time it is called.
    public func ask(over connect: @Sendable () async throws -> any ByteStream) async {
        guard case .confirm = step else { return }
        step = .reaching
        do {
            let joining = try await phone.ask(invitation: text)
            try await talk(joining.pipe(), over: connect()) { try await self.admitted(joining) }
            step = .arriving
            let pipe = try await phone.dialPipe(peer: joining.peer())
            try await talk(pipe, over: connect()) {
                while try !pipe.state().inStep {
                    if try pipe.state().closed { throw PipeBroke() }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            step = .done
        } catch {
            fail(error)
        }
    }

    /// Back to the camera.
    public func again() {
        (text, step) = ("", .scan)
    }

    private var isFailed: Bool {
        if case .failed = step { true } else { false }
    }

    private func admitted(_ joining: Joining) async throws {
        for try await state in joining.states {
            switch state {
            case .reaching: step = .reaching
            case .comparing(let digits): step = .compare(digits: digits)
            case .joined: return
            case .failed(let code, let reason):
                throw Failed(failure: Failure(key: "error.ask_\(code)", cure: .tell, reason: reason))
            }
        }
    }

    /// Carries a conversation until something has happened, then says goodbye.
    private func talk(
        _ pipe: BytePipe, over stream: any ByteStream, until happened: () async throws -> Void
    ) async throws {
        let carrying = Task { try await pipe.carry(over: stream) }
        do {
            try await happened()
            try? await pipe.close()
            _ = await carrying.result
        } catch {
            carrying.cancel()
            throw error
        }
    }

    private func fail(_ error: Error) {
        let failure = Failure(error)
        step = failure.isSilent ? .scan : .failed(failure)
    }
}
