// Waiting that ends when its task is cancelled.
//
// A call into the engine goes on to its end whoever waits for it: a command in flight is durable or is not, and the same
// command id again does no harm. So cancelling a task never leaves anything half done; calls that only wait are let go of
// here, and told to end where the engine can be told.

import Foundation

/// Waits for a call that only waits. If the task is cancelled meanwhile, or was before, `ended` is called, this throws at once,
/// and whatever the call answers later is dropped.
func letGo<T: Sendable>(
    _ ended: @escaping @Sendable () -> Void = {}, of call: @escaping @Sendable () async throws -> T
) async throws -> T {
    if Task.isCancelled {
        ended()
        throw CancellationError()
    }
    let once = Once<T>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            once.wait(continuation)
            Task {
                do {
                    once.answer(.success(try await call()))
                } catch {
                    once.answer(.failure(error))
                }
            }
        }
    } onCancel: {
        // First: what the call answers because it was ended is nothing to anybody.
        once.answer(.failure(CancellationError()))
        ended()
    }
}

/// The first answer, handed to the one who waits.
private final class Once<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: CheckedContinuation<T, Error>?
    private var answered: Result<T, Error>?

    func wait(_ continuation: CheckedContinuation<T, Error>) {
        let early: Result<T, Error>? = lock.withLock {
            if answered == nil { waiting = continuation }
            return answered
        }
        if let early { continuation.resume(with: early) }
    }

    func answer(_ answer: Result<T, Error>) {
        let waited: CheckedContinuation<T, Error>? = lock.withLock {
            guard answered == nil else { return nil }
            answered = answer
            defer { waiting = nil }
            return waiting
        }
        waited?.resume(with: answer)
    }
}

/// How something stands, now and whenever that changes. It never ends by itself: break off at a state that is final.
/// Cancelling the task that listens ends it, and the engine waits for nothing on its behalf any more.
public struct States<State: Sendable>: AsyncSequence, Sendable {
    let now: @Sendable () async throws -> State
    let after: @Sendable (State, Work) async throws -> State

    public struct AsyncIterator: AsyncIteratorProtocol {
        let states: States
        var shown: State?

        public mutating func next() async throws -> State? {
            let (states, shown) = (states, shown)
            let work = Work()
            let state = try await letGo({ try? work.cancel() }) {
                if let shown { try await states.after(shown, work) } else { try await states.now() }
            }
            self.shown = state
            return state
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(states: self)
    }

    /// Waits until it stands so.
    public func first(that fits: @Sendable (State) -> Bool) async throws -> State {
        for try await state in self where fits(state) { return state }
        throw CancellationError()
    }
}
