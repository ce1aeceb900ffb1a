import Crypto
import Foundation

/// The key that requests must carry. It does not describe itself.
struct APIKey: Sendable, CustomStringConvertible {
    private let digest: SHA256.Digest

    init(_ text: String) { digest = SHA256.hash(data: Data(text.utf8)) }

    /// Takes as long for a wrong key as for the right one.
    func matches(_ candidate: String) -> Bool {
        SHA256.hash(data: Data(candidate.utf8)) == digest
    }

    var description: String { "***" }

    /// The key of the environment; else the one in the file, which is made at the first start.
    ///
    /// - Throws: `PlaneError` when the file can neither be read nor made.
    static func load(environment: [String: String], file: URL) throws -> APIKey {
        if let key = environment["LANGSMITH_API_KEY"], !key.isEmpty { return APIKey(key) }
        if let stored = try? String(contentsOf: file, encoding: .utf8) {  // absent: made below
            let key = stored.trimmingCharacters(in: .whitespacesAndNewlines)
            if !key.isEmpty { return APIKey(key) }
        }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes(\.hexadecimal)
        try PrivateFile.write(Data((key + "\n").utf8), to: file)
        return APIKey(key)
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
    }
}
