import Foundation

/// The 512 bytes before each member of a tar archive.
struct TarHeader: Equatable, Sendable {
    static let size = 512

    var name: String
    var mode: Int
    var size: Int
    var type: UInt8
    var linkName: String

    /// - Returns: nil for a block of zeros, which ends an archive.
    /// - Throws: `PlaneError` when the block is no header.
    init?(_ block: Data) throws {
        let bytes = [UInt8](block)
        guard bytes.count == Self.size else { throw TarReader.malformed("it ends within a header") }
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        let sum = bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        guard Self.number(bytes[148..<156]) == sum else { throw TarReader.malformed("a header's checksum is wrong") }
        guard let size = Self.number(bytes[124..<136]), size >= 0 else {
            throw TarReader.malformed("a member has no size")
        }
        let prefix = Self.isPOSIX(bytes) ? Self.text(bytes[345..<500]) : ""
        let name = Self.text(bytes[0..<100])
        self.name = prefix.isEmpty ? name : "\(prefix)/\(name)"
        self.size = size
        mode = Self.number(bytes[100..<108]) ?? 0o644
        type = bytes[156]
        linkName = Self.text(bytes[157..<257])
    }

    /// GNU archives say `ustar` and two spaces, and use the place of the prefix for times.
    private static func isPOSIX(_ bytes: [UInt8]) -> Bool { bytes[257..<263].elementsEqual(Array("ustar\0".utf8)) }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal digits, or GNU's binary form for what is too large for them.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            return field.dropFirst().suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }.asInt
        }
        let digits = String(decoding: field.filter { $0 != 0 && $0 != 32 }, as: UTF8.self)
        return digits.isEmpty ? 0 : Int(digits, radix: 8)
    }
}

extension UInt64 {
    fileprivate var asInt: Int? { Int(exactly: self) }
}
