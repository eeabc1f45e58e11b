// What went wrong, as a sentence and as what the app does about it. The engine says both; here is what is Swift's own.

import Linli

/// An error that a screen can show.
public typealias Failure = Problem

extension Problem {
    /// Any error: the engine's by its kind, all others as unexpected.
    public init(_ error: Error) {
        self =
            switch error {
            case let failed as Failed: failed.failure
            case let error as LinliError: problemOf(error: error)
            case is CancellationError: Problem(key: "error.cancelled", cure: .ignore)
            default: Problem(key: "error.unexpected", cure: .tell, reason: "\(error)")
            }
    }

    public func sentence(_ words: Words) -> String {
        words.explain(problem: self)
    }

    /// Whether nobody need hear of it: the screen has gone, or the app sleeps.
    var isSilent: Bool {
        cure == .ignore || cure == .resume || key == "error.closed"
    }
}

/// A failure that is thrown.
struct Failed: Error {
    let failure: Failure
}
