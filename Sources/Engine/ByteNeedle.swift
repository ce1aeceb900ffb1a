#if canImport(Glibc)
    import Glibc
#endif

/// Bytes to look for. The standard library's search in strings compares characters and costs a hundred times as much;
/// every text of every event is searched.
struct ByteNeedle: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Where the bytes stand, in order; places that overlap are one. No bytes stand nowhere.
    func ranges(in text: UnsafeRawBufferPointer) -> [Range<Int>] {
        guard let first = bytes.first else { return [] }
        var ranges: [Range<Int>] = []
        var position = 0
        while let found = text[position...].position(of: first), found + bytes.count <= text.count {
            if text[found...].starts(with: bytes) {
                let begin = ranges.last.flatMap { $0.upperBound > found ? ranges.removeLast().lowerBound : nil }
                ranges.append((begin ?? found)..<(found + bytes.count))
            }
            position = found + 1
        }
        return ranges
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate func position(of byte: UInt8) -> Int? {
        let bytes = UnsafeRawBufferPointer(rebasing: self)
        guard let start = bytes.baseAddress else { return nil }
        return memchr(start, Int32(byte), bytes.count).map { UnsafeRawPointer($0) - start + startIndex }
    }
}
