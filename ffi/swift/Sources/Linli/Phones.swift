// The phone in Swift's own types: durations, dates, files, cancellation.

import Foundation

extension Phone {
    /// Goes to sleep: stops nodes and pipes, waits so long for calls under way, and lets go of every file. False when a call
    /// took longer; it lets go by itself when it ends.
    @discardableResult
    public func suspend(within patience: Duration) async throws -> Bool {
        try await suspend(deadlineMs: patience.wholeMilliseconds)
    }

    /// Writes a bundle into a file that is not there yet. Cancelling the task ends the work, and leaves no file.
    ///
    /// - Parameter work: ask it how far the work is.
    public func exportBundle(to file: URL, content: BundleContent = .all, work: Work = Work()) async throws -> BundleReport {
        try await cancelling(work) { try await self.exportBundle(path: file.path, content: content, work: work) }
    }

    /// Takes a bundle in. Cancelling the task ends the work; what was stored until then stays.
    public func importBundle(from file: URL, work: Work = Work()) async throws -> ImportReport {
        try await cancelling(work) { try await self.importBundle(path: file.path, work: work) }
    }

    /// Maps a task's cancellation to the engine's.
    private func cancelling<T: Sendable>(_ work: Work, _ call: @Sendable () async throws -> T) async throws -> T {
        try await withTaskCancellationHandler {
            do {
                return try await call()
            } catch LinliError.Cancelled {
                throw CancellationError()
            }
        } onCancel: {
            try? work.cancel()
        }
    }
}
