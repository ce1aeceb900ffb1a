import FoundationEssentials
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The file with the whole output of a step, over all its attempts. What cannot be written is left out: the journal has
/// the beginning and the end.
final class StepLogFile: Sendable {
    /// A step that never stops writing must not fill the disk.
    static let sizeLimit = 256 << 20

    private struct State {
        var descriptor: Int32?
        var size = 0
        var isFull = false
    }

    private let path: String
    private let attempt: Int
    private let state = Mutex(State())

    init(folder: String, job: JobPath, step: String, attempt: Int) {
        path = "\(folder)/\(Self.name("\(job.text).\(step)")).log"
        self.attempt = attempt
    }

    deinit { if let descriptor = state.withLock(\.descriptor) { close(descriptor) } }

    /// Appends redacted lines; returns the path, or nil if nothing can be written.
    func append(_ lines: [String]) -> String? {
        state.withLock { state in
            if !lines.isEmpty { write(lines, &state) }
            return state.size > 0 ? path : nil
        }
    }

    private func write(_ lines: [String], _ state: inout State) {
        guard !state.isFull, let descriptor = state.descriptor ?? open(&state) else { return }
        var bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        if state.size + bytes.count > Self.sizeLimit {
            bytes = Array("… the rest is left out, over \(Self.sizeLimit >> 20) MiB\n".utf8)
            state.isFull = true
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                state.isFull = true
                return
            }
            rest = rest.dropFirst(max(count, 0))
        }
        state.size += bytes.count
    }

    private func open(_ state: inout State) -> Int32? {
        let folder = path.prefix { $0 != "\0" }.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        // Output may be private: no other user may read it.
        try? FileManager.default.createDirectory(
            atPath: folder.joined(separator: "/"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            state.isFull = true
            return nil
        }
        state.descriptor = descriptor
        if attempt > 1 { write(["--- attempt \(attempt) ---"], &state) }
        return descriptor
    }

    /// Letters, digits and a few marks; names that lose something get a checksum, so that no two are the same.
    static func name(_ text: String) -> String {
        let isKept = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        }
        let name = String(text.map { isKept($0) ? $0 : "-" }.prefix(100))
        guard name != text else { return name }
        let hash = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return "\(name)-\(String(hash, radix: 16))"
    }
}
