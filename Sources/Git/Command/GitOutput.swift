/// What a finished `git` child said.
struct GitOutput: Equatable, Sendable {
    /// The exit code; `nil` when a signal ended it.
    let exitCode: Int32?
    let bytes: [UInt8]
    let errorText: String

    var isSuccess: Bool { exitCode == 0 }

    /// Standard output without the line break at its end.
    var text: String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// The parts between NUL bytes, as `-z` writes them.
    var records: [ArraySlice<UInt8>] { bytes.split(separator: 0) }
}
