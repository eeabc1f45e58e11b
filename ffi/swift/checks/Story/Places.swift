// Homes for tests.

import Foundation
import Linli

/// A new, empty directory, gone at the end of the process's temporary directory.
public func freshHome() throws -> String {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("linli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    return home.path
}
