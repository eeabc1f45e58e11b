// What the engine does when the app goes to the background and comes back. iOS freezes an app a few seconds after it
// left the screen, and ends one that is frozen while it holds a lock on a file. So the engine lets go before that.

import Foundation

/// What the lifecycle needs of the engine and of the system. The app's is `PhoneEngine`; alarms and background time are
/// the system's.
public protocol Engine: Sendable {
    /// Stops talking to others, waits so long for what is under way, and lets go of every file.
    func suspend(within: Duration) async throws
    /// Opens again, and talks to others again.
    func resume() async throws
    /// When the phone should remind somebody of something, at the earliest.
    func nextAlarm() async throws -> Wakeup?
}

/// One alarm for the system to ring while the app sleeps.
public struct Wakeup: Sendable, Equatable {
    public let at: Date
    /// The sentence's code and what it needs.
    public let key: String
    public let params: String

    public init(at: Date, key: String, params: String = "{}") {
        (self.at, self.key, self.params) = (at, key, params)
    }
}

/// What iOS does for the app.
public protocol System: Sendable {
    /// Asks for time in the background (`beginBackgroundTask`); the engine has let go when `endBackgroundTime` is called.
    func beginBackgroundTime() async
    func endBackgroundTime() async
    /// Replaces the one alarm of this app; none takes it back.
    func setAlarm(_ alarm: Wakeup?) async
}

/// Where the app is: SwiftUI's `ScenePhase`.
public enum Phase: Sendable, Equatable {
    case active
    /// Half covered, by the control centre or a call: nothing changes.
    case inactive
    case background
}

/// Carries the engine through the phases, one after the other in the order in which they came. Of phases that came while
/// one was carried out, only the last counts.
public actor Lifecycle {
    /// What iOS surely grants, with room to spare: it gives about five seconds, more with background time.
    public static let patience = Duration.seconds(4)

    public enum State: Sendable, Equatable {
        case running
        case suspended
        /// It did not open again; the screen says why.
        case failed(key: String)
    }

    public private(set) var state = State.running
    private let engine: Engine
    private let system: System
    private var wanted = Phase.active
    private var busy = false

    public init(engine: Engine, system: System) {
        (self.engine, self.system) = (engine, system)
    }

    /// The app changed its phase. Returns when the engine stands as the newest phase wants it.
    public func changed(to phase: Phase) async {
        guard phase != .inactive else { return }
        wanted = phase
        // Whoever is at it takes up what was asked for last.
        guard !busy else { return }
        busy = true
        defer { busy = false }
        while true {
            switch (wanted, state) {
            case (.background, .running): await goToSleep()
            case (.active, .suspended): await wakeUp()
            default: return
            }
        }
    }

    /// Tries once more to open, when a person asks for it.
    public func tryAgain() async {
        guard case .failed = state else { return }
        state = .suspended
        await changed(to: .active)
    }

    private func goToSleep() async {
        await system.beginBackgroundTime()
        do {
            await system.setAlarm(try await engine.nextAlarm())
        } catch {
            // Without an answer the old alarm stands.
        }
        // What is not done by then is tried again by whoever asked: the same command id writes nothing twice.
        try? await engine.suspend(within: Lifecycle.patience)
        state = .suspended
        await system.endBackgroundTime()
    }

    private func wakeUp() async {
        do {
            try await engine.resume()
            state = .running
        } catch {
            state = .failed(key: Failure(error).key)
        }
    }
}
