// A conversation over a pipe of the app's own.

import Foundation

/// The pipe broke before the conversation was over. Begin a new one: nothing is lost, and nothing is sent twice.
public struct PipeBroke: Error, Equatable {
    public init() {}
}

extension BytePipe {
    /// Carries the conversation over a pipe, until one side says goodbye or the pipe breaks; the pipe is closed then. Runs as
    /// long as the two are connected: news go over it as they come. Cancelling the task breaks it off at once; `close` says
    /// goodbye first.
    ///
    /// - Parameter pieces: how many bytes are handed to the pipe at once, at most. Small pieces let urgent news overtake.
    public func carry(over stream: some ByteStream, pieces: UInt32 = 16 * 1024) async throws {
        try await withTaskCancellationHandler {
            async let took = takeIn(stream)
            var handedOut: Error?
            do {
                try await handOut(stream, pieces)
            } catch {
                handedOut = error
            }
            stream.close()
            let takenIn = await took
            try Task.checkCancellation()
            switch (takenIn, handedOut) {
            // What came in says best why it is over: a refusal, say.
            case (let error as LinliError, _), (nil, let error as LinliError): throw error
            // Behind a goodbye nobody need be listening.
            case (nil, _), (is PipeBroke, nil): return
            default: throw PipeBroke()
            }
        } onCancel: {
            try? abandon()
            stream.close()
        }
    }

    private func takeIn(_ stream: some ByteStream) async -> Error? {
        do {
            while let bytes = try await stream.read() {
                try await receive(bytes: bytes)
            }
        } catch {
            // The engine still says goodbye; a pipe that cannot carry it says so itself.
            return error
        }
        if (try? state().closed) == true { return nil }
        try? abandon()
        return PipeBroke()
    }

    private func handOut(_ stream: some ByteStream, _ pieces: UInt32) async throws {
        while true {
            let bytes = try await outgoing(most: pieces)
            guard !bytes.isEmpty else { break }
            try await stream.write(bytes)
        }
        // It is over: the peer shall not take that for a break.
        try await close()
        while case let goodbye = try await send(most: pieces), !goodbye.isEmpty {
            try await stream.write(goodbye)
        }
    }
}
