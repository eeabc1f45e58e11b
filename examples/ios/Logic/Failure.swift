// What went wrong, as a sentence and as what the app does about it.

import Foundation
import Linli

/// An error that a screen can show.
public struct Failure: Error, Equatable, Sendable {
    /// What the app does beside saying it.
    public enum Advice: Sendable, Equatable {
        /// Nothing: the sentence is all.
        case tell
        /// Ask whether it happened all the same, and say so then.
        case insist
        /// Try the same again, now or when the person taps.
        case retry
        /// Set the database aside and begin with what can be read of it: `recoverHome`, then sync.
        case repair
        /// Open the home again.
        case reopen
        /// Show how to join.
        case join
        /// Make room on the phone.
        case makeRoom
        /// Get the newest version of the app.
        case update
        /// Begin anew in an empty home.
        case startOver
        /// Nothing at all: the screen has gone, or the app sleeps.
        case ignore
    }

    /// The key of its sentence: `refusal.order.held_by`, `error.disk_full`.
    public let key: String
    public let params: [String: Param]
    public let advice: Advice
    /// In English, for sentences that no table has yet.
    public let reason: String?

    public init(key: String, params: [String: Param] = [:], advice: Advice = .tell, reason: String? = nil) {
        (self.key, self.params, self.advice, self.reason) = (key, params, advice, reason)
    }

    /// Any error: the engine's by its kind, all others as unexpected.
    public init(_ error: Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as LinliError: self.init(linli: error)
        case is CancellationError: self.init(key: "error.cancelled", advice: .ignore)
        default: self.init(key: "error.unexpected", reason: "\(error)")
        }
    }

    public func sentence(_ words: Words) -> String {
        Words.has(key) ? words.say(key, params) : reason ?? words.say(key, params)
    }
}
