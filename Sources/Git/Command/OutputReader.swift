import Subprocess

/// Takes lines and blocks of a known size off a child's standard output.
struct OutputReader {
    private var source: SubprocessOutputSequence.Iterator
    private var buffer: [UInt8] = []
    private var position = 0

    init(_ output: SubprocessOutputSequence) {
        source = output.makeAsyncIterator()
    }

    /// Without its line break; `nil` at the end of the output.
    mutating func line() async throws -> String? {
        while true {
            let rest = buffer[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                position = end + 1
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            guard try await fill() else { return nil }
        }
    }

    /// `nil` when the output ends before.
    mutating func bytes(_ count: Int) async throws -> [UInt8]? {
        while buffer.count - position < count {
            guard try await fill() else { return nil }
        }
        defer { position += count }
        return Array(buffer[position..<position + count])
    }

    private mutating func fill() async throws -> Bool {
        guard let chunk = try await source.next() else { return false }
        buffer.removeSubrange(..<position)
        position = 0
        chunk.withUnsafeBytes { buffer.append(contentsOf: $0) }
        return true
    }
}
