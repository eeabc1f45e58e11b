// Where the engine keeps its keys: the Keychain on Apple's systems, memory for tests.

import Foundation

/// Secrets that live as long as this object: for tests and previews. A phone that uses it loses its community when the
/// app ends.
public final class MemorySecrets: SecretStore, @unchecked Sendable {
    private let lock = NSLock()
    private var kept: [String: Data] = [:]

    public init() {}

    public func get(name: String) throws -> Data? {
        lock.withLock { kept[name] }
    }

    public func put(name: String, secret: Data) throws {
        lock.withLock { kept[name] = secret }
    }

    public func remove(name: String) throws {
        lock.withLock { _ = kept.removeValue(forKey: name) }
    }
}

#if canImport(Security)
    import Security

    /// The Keychain. Secrets stay on this device: they are in no backup and in no iCloud, so a phone restored from a backup
    /// is noticed. They can be read once the phone was unlocked after it was switched on, so that sync works in the
    /// background.
    public final class KeychainSecrets: SecretStore, @unchecked Sendable {
        private let service: String
        private let group: String?

        /// `service` tells homes apart; use one for each. `group` shares secrets with extensions of the same team.
        public init(service: String, group: String? = nil) {
            (self.service, self.group) = (service, group)
        }

        public func get(name: String) throws -> Data? {
            var query = item(name)
            query[kSecReturnData as String] = true
            query[kSecMatchLimit as String] = kSecMatchLimitOne
            var found: CFTypeRef?
            switch SecItemCopyMatching(query as CFDictionary, &found) {
            case errSecSuccess: return found as? Data
            case errSecItemNotFound: return nil
            case let status: throw KeychainSecrets.failed("read", status)
            }
        }

        public func put(name: String, secret: Data) throws {
            let new = [kSecValueData as String: secret]
            var status = SecItemUpdate(item(name) as CFDictionary, new as CFDictionary)
            if status == errSecItemNotFound {
                var query = item(name)
                query[kSecValueData as String] = secret
                query[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
                status = SecItemAdd(query as CFDictionary, nil)
            }
            guard status == errSecSuccess else { throw KeychainSecrets.failed("kept", status) }
        }

        public func remove(name: String) throws {
            let status = SecItemDelete(item(name) as CFDictionary)
            guard status == errSecSuccess || status == errSecItemNotFound else {
                throw KeychainSecrets.failed("removed", status)
            }
        }

        private func item(_ name: String) -> [String: Any] {
            var query: [String: Any] = [
                kSecClass as String: kSecClassGenericPassword,
                kSecAttrService as String: service,
                kSecAttrAccount as String: name,
                kSecAttrSynchronizable as String: false,
                kSecUseDataProtectionKeychain as String: true,
            ]
            query[kSecAttrAccessGroup as String] = group
            return query
        }

        private static func failed(_ what: String, _ status: OSStatus) -> SecretError {
            if status == errSecDiskFull { return .Full }
            let text = SecCopyErrorMessageString(status, nil) as String? ?? "status \(status)"
            // The item is there, and does not open under the keys of this device.
            if status == errSecDecode { return .Lost(reason: "a secret could not be \(what): \(text)") }
            return .Unavailable(reason: "a secret could not be \(what): \(text)")
        }
    }
#endif
