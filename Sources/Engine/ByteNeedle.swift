#if canImport(Glibc)
    import Glibc
#endif

/// Bytes to look for. The standard library's search in strings compares characters and costs a hundred times as much;
/// every text of every event is searched.
struct ByteNeedle: Sendable {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Where the bytes begin for the first time; nil where they are not, and for no bytes at all.
    func position(in text: UnsafeRawBufferPointer) -> Int? {
        guard let first = bytes.first else { return nil }
        var position = 0
        while let found = text[position...].position(of: first), found + bytes.count <= text.count {
            if text[found...].starts(with: bytes) { return found }
            position = found + 1
        }
        return nil
    }

    /// `text` with `replacement` in each place, and in that of the bytes behind it as far as `belongs` says so.
    func replaced(
        in text: [UInt8], with replacement: some Collection<UInt8>, andWhile belongs: (UInt8) -> Bool = { _ in false }
    ) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text[...]
        while let position = rest.withUnsafeBytes(position) {
            result += rest.prefix(position)
            result += replacement
            rest = rest.dropFirst(position + bytes.count).drop(while: belongs)
        }
        return result + rest
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate func position(of byte: UInt8) -> Int? {
        let bytes = UnsafeRawBufferPointer(rebasing: self)
        guard let start = bytes.baseAddress else { return nil }
        return memchr(start, Int32(byte), bytes.count).map { UnsafeRawPointer($0) - start + startIndex }
    }
}
