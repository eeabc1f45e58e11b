// Homes, secrets and pipes for tests.

import Foundation
import Linli

#if canImport(Glibc)
    import Glibc
#endif

/// A new, empty directory below the system's temporary one.
public func freshHome() throws -> String {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("linli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    return home.path
}

/// Secrets as files, one for each name: a keystore for tests alone.
public final class FileSecrets: SecretStore {
    private let directory: URL

    public init(directory: String) throws {
        self.directory = URL(fileURLWithPath: directory)
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
    }

    public func get(name: String) throws -> Data? {
        let file = directory.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try telling { try Data(contentsOf: file) }
    }

    public func put(name: String, secret: Data) throws {
        try telling { try secret.write(to: directory.appendingPathComponent(name), options: .atomic) }
    }

    public func remove(name: String) throws {
        let file = directory.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        try telling { try FileManager.default.removeItem(at: file) }
    }

    private func telling<T>(_ work: () throws -> T) throws -> T {
        do {
            return try work()
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace || error.code == .fileWriteVolumeReadOnly {
            throw SecretError.Full
        } catch {
            throw SecretError.Unavailable(reason: "\(error)")
        }
    }
}

/// Two ends of a socket of this machine.
public func socketPair() throws -> (SocketStream, SocketStream) {
    var ends: [Int32] = [0, 0]
    #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
    #else
        let stream = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw SocketError(number: errno) }
    return (SocketStream(descriptor: ends[0]), SocketStream(descriptor: ends[1]))
}
