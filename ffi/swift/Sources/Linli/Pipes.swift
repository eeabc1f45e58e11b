// A conversation over a pipe of the app's own.

import Foundation

/// The pipe broke before the conversation was over. Begin a new one: nothing is lost, and nothing is sent twice.
public struct PipeBroke: Error, Equatable {
    public init() {}
}

extension BytePipe {
    /// Carries the conversation over a pipe, until one side says goodbye or the pipe breaks; the pipe is closed then. Runs as
    /// long as the two are connected: news go over it as they come. A peer that is gone or takes nothing and a phone that
    /// falls asleep end it though the pipe is stuck in a read or a write. Cancelling the task breaks it off at once; `close`
    /// says goodbye first.
    ///
    /// - Parameter pieces: how many bytes are handed to the pipe at once, at most. Small pieces let urgent news overtake.
    public func carry(over stream: some ByteStream, pieces: UInt32 = 16 * 1024) async throws {
        try await withTaskCancellationHandler {
            async let brokeComing = takeIn(stream)
            async let brokeGoing = handOut(stream, pieces)
            var why: Error?
            do {
                try await ended()
            } catch {
                why = error
            }
            stream.close()
            let (coming, going) = await (brokeComing, brokeGoing)
            try Task.checkCancellation()
            guard let why else { return }
            if coming || going, case LinliError.Closed = why { throw PipeBroke() }
            throw why
        } onCancel: {
            try? abandon()
            stream.close()
        }
    }

    /// Whether the pipe broke; what else ended it, `ended` says.
    private func takeIn(_ stream: some ByteStream) async -> Bool {
        while let bytes = try? await stream.read() {
            do {
                try await receive(bytes: bytes)
            } catch {
                return false
            }
        }
        // Behind a goodbye nothing more comes.
        if (try? state().closed) == true { return false }
        try? abandon()
        return true
    }

    private func handOut(_ stream: some ByteStream, _ pieces: UInt32) async -> Bool {
        while let bytes = try? await outgoing(most: pieces), !bytes.isEmpty {
            do {
                try await stream.write(bytes)
            } catch {
                // What came in before says best why: a goodbye, say. Nothing more comes.
                stream.close()
                return true
            }
        }
        return false
    }
}
