// The app as a whole: which screen there is, and what belongs together behind it.

import Foundation
import Linli
import Observation

/// What the root of the screens shows.
@MainActor @Observable
public final class AppSession {
    public enum Stage: Equatable {
        case opening
        /// This phone belongs nowhere yet.
        case stranger
        case member
        case failed(Failure)
    }

    public private(set) var stage = Stage.opening
    public private(set) var words: Words
    /// Only once the phone is open, as every stage but the first has it.
    public private(set) var onTop: OnTopModel!
    public private(set) var board: BoardModel!
    public private(set) var join: JoinModel!
    public var localNetwork: LocalNetwork

    private let home: URL
    private let secrets: SecretStore
    private let system: System
    private let options: NodeOptions?
    private var engine: PhoneEngine?
    private var lifecycle: Lifecycle?

    /// `options` say how to talk to others; none keeps to pipes of the app's own.
    public init(
        home: URL, secrets: SecretStore, system: System, words: Words = .preferred(),
        options: NodeOptions? = NodeOptions(), asked: Bool = false
    ) {
        (self.home, self.secrets, self.system, self.words, self.options) = (home, secrets, system, words, options)
        localNetwork = LocalNetwork(asked: asked)
    }

    // snippet: open
    /// Opens the phone; also after a fault inside ended it.
    public func open() async {
        do {
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            // A second copy of a database is a second phone: keep it out of backups.
            var directory = home
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try? directory.setResourceValues(values)
            let phone = try await Phone.open(home: home.path, secrets: secrets)
            try await begin(with: phone)
        } catch {
            stage = .failed(Failure(error))
        }
    }
    // end

    /// The app comes and goes.
    public func changed(to phase: Phase) async {
        await lifecycle?.changed(to: phase)
        if case .failed(let key)? = await lifecycle?.state {
            stage = .failed(Failure(key: key, cure: .retry))
        }
    }

    /// This phone was admitted and has what it needs.
    public func joined() async {
        do {
            stage = .member
            try await engine?.talk(nearby: localNetwork.state == .allowed)
            await board.refresh()
        } catch {
            stage = .failed(Failure(error))
        }
    }

    /// A search on the local network told something; where it may be used, the engine looks around there too.
    public func learned(_ probe: Probe) async {
        guard localNetwork.learned(probe) == .startNode else { return }
        do {
            try await engine?.talk(nearby: true)
        } catch {
            stage = .failed(Failure(error))
        }
    }

    public func order(_ order: String) -> OrderModel {
        OrderModel(order: order, phone: phone, words: words)
    }

    public func boxes() -> BoxesModel {
        BoxesModel(phone: phone, words: words)
    }

    public func box(_ box: String) -> BoxModel {
        BoxModel(box: box, phone: phone, words: words)
    }

    /// The open phone.
    public private(set) var phone: Phone!

    private func begin(with phone: Phone) async throws {
        self.phone = phone
        let engine = PhoneEngine(phone: phone, options: options)
        (self.engine, lifecycle) = (engine, Lifecycle(engine: engine, system: system))
        onTop = OnTopModel(phone: phone, words: words)
        board = BoardModel(phone: phone, words: words)
        join = JoinModel(phone: phone, words: words)
        stage = try await phone.community() == nil ? .stranger : .member
        try await engine.talk(nearby: localNetwork.state == .allowed)
    }
}
