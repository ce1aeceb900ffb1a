import Crypto
import Foundation

/// Signs upload URLs: who has one may put that archive there, for a while, and do nothing else.
struct UploadSigner: Sendable {
    /// Seconds that an upload may be begun after its URL was asked for.
    private static let lifetime = 3600.0

    private let key: SymmetricKey

    /// - Parameter key: from the store, so that URLs outlive a restart.
    init(key: String) { self.key = SymmetricKey(data: SHA256.hash(data: Data(key.utf8))) }

    static func freshKey() -> String { SymmetricKey(size: .bits256).withUnsafeBytes(\.hexadecimal) }

    /// The query that makes a path an upload URL.
    func query(for objectPath: String, now: Date) -> String {
        let expiry = Int(now.timeIntervalSince1970 + Self.lifetime)
        return "expires=\(expiry)&signature=\(signature(objectPath, expiry).hexadecimal)"
    }

    func accepts(_ objectPath: String, expires: String?, signature: String?, now: Date) -> Bool {
        guard let expiry = expires.flatMap(Int.init), let signature, Double(expiry) > now.timeIntervalSince1970 else {
            return false
        }
        // Hashed again, so that the comparison takes the same time for any wrong signature.
        let expected = SHA256.hash(data: Data(self.signature(objectPath, expiry).hexadecimal.utf8))
        return SHA256.hash(data: Data(signature.utf8)) == expected
    }

    private func signature(_ objectPath: String, _ expiry: Int) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data("\(objectPath)\n\(expiry)".utf8), using: key)
    }
}
