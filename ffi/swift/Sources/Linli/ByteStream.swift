// Pipes of the app's own: whatever carries bytes both ways, in order. What is carried is sealed by the engine, so a pipe
// need not be trusted.

import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A pipe that carries bytes both ways: a Bluetooth channel, a socket, a cable.
///
/// One task reads and one writes, at the same time; nobody else does.
public protocol ByteStream: Sendable {
    /// Waits for bytes, and gives some of them; none once the other end has closed.
    func read() async throws -> Data?
    /// Waits until the pipe has taken all of them.
    func write(_ bytes: Data) async throws
    /// Ends both directions: whoever waits in the pipe is told. May be called at any time, and more than once.
    func close()
}

/// A connected socket of the system's, as a pipe.
public final class SocketStream: ByteStream, @unchecked Sendable {
    private let descriptor: Int32
    private let reading = DispatchQueue(label: "linli.socket.read")
    private let writing = DispatchQueue(label: "linli.socket.write")

    /// Takes a connected stream socket over, and closes it in the end.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        #if canImport(Darwin)
            var on: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit {
        _ = shutdownBoth(descriptor)
        _ = closeDescriptor(descriptor)
    }

    public func read() async throws -> Data? {
        let descriptor = descriptor
        return try await SocketStream.run(on: reading, holding: self) {
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let count = recv(descriptor, &bytes, bytes.count, 0)
                if count > 0 { return Data(bytes[..<count]) }
                if count == 0 { return nil }
                if errno != EINTR { throw SocketError(number: errno) }
            }
        }
    }

    public func write(_ bytes: Data) async throws {
        let descriptor = descriptor
        try await SocketStream.run(on: writing, holding: self) {
            var rest = bytes
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, quiet) }
                if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw SocketError(number: errno) }
            }
        }
    }

    public func close() {
        _ = shutdownBoth(descriptor)
    }

    private static func run<T: Sendable>(
        on queue: DispatchQueue, holding stream: SocketStream, _ work: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result(catching: work))
                withExtendedLifetime(stream) {}
            }
        }
    }
}

/// What the system said of a socket: its `errno`.
public struct SocketError: Error, Equatable, CustomStringConvertible {
    public let number: Int32

    public init(number: Int32) {
        self.number = number
    }

    public var description: String { String(cString: strerror(number)) }
}

#if canImport(Glibc)
    private let quiet = Int32(MSG_NOSIGNAL)
    private func shutdownBoth(_ descriptor: Int32) -> Int32 { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
    private func closeDescriptor(_ descriptor: Int32) -> Int32 { Glibc.close(descriptor) }
#else
    private let quiet: Int32 = 0
    private func shutdownBoth(_ descriptor: Int32) -> Int32 { Darwin.shutdown(descriptor, SHUT_RDWR) }
    private func closeDescriptor(_ descriptor: Int32) -> Int32 { Darwin.close(descriptor) }
#endif
