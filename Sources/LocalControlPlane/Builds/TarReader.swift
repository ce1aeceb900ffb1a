import CZlib
import Foundation

/// Reads the members of a tar archive (ustar, pax, GNU) in order.
struct TarReader {
    enum Kind: Equatable, Sendable {
        case directory
        case file(executable: Bool)
        case symbolicLink(target: String)
        /// Another name for an earlier member.
        case hardLink(target: String)
    }

    struct Member: Equatable, Sendable {
        var path: String
        var kind: Kind
        var size: Int
    }

    /// Extended headers and long names are read into memory; real ones have some hundred bytes.
    private static let maximumHeaderBytes = 1 << 20

    private let archive: GzipInput
    private var unread = 0
    private var padding = 0

    init(_ archive: GzipInput) { self.archive = archive }

    static func malformed(_ why: String) -> ServerError {
        ServerError(.archiveRefused, "invalid tar archive: \(why)")
    }

    /// Moves to the next member, whose contents `read` returns until the next call.
    ///
    /// - Throws: `ServerError` when the archive is truncated, malformed, or has a member that is neither a file, a
    ///   directory nor a link.
    mutating func next() throws -> Member? {
        var extended = ExtendedHeader()
        while true {
            try skipRest()
            guard let header = try TarHeader(try block(TarHeader.size)) else { return nil }
            unread = header.size
            padding = (TarHeader.size - header.size % TarHeader.size) % TarHeader.size
            switch header.type {
            case UInt8(ascii: "x"): extended.takePax(try contents())
            case UInt8(ascii: "g"): _ = try contents()
            case UInt8(ascii: "L"): extended.path = try contents().textBeforeNull
            case UInt8(ascii: "K"): extended.linkPath = try contents().textBeforeNull
            default: return try member(header, extended)
            }
        }
    }

    /// Reads up to `count` bytes of the current member; empty at its end.
    mutating func read(atMost count: Int) throws -> Data {
        let wanted = min(count, unread)
        guard wanted > 0 else { return Data() }
        let data = try block(wanted)
        guard data.count == wanted else { throw Self.malformed("truncated file") }
        unread -= wanted
        return data
    }

    private mutating func member(_ header: TarHeader, _ extended: ExtendedHeader) throws -> Member {
        let path = extended.path ?? header.name
        let target = extended.linkPath ?? header.linkName
        if let size = extended.size {
            unread = size
            padding = (TarHeader.size - size % TarHeader.size) % TarHeader.size
        }
        let kind: Kind
        switch header.type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            kind = path.hasSuffix("/") ? .directory : .file(executable: header.mode & 0o111 != 0)
        case UInt8(ascii: "1"): kind = .hardLink(target: target)
        case UInt8(ascii: "2"): kind = .symbolicLink(target: target)
        case UInt8(ascii: "5"): kind = .directory
        default:
            throw ServerError(
                .archiveRefused, "unsupported member in the source archive: '\(path)' is not a file, directory or link")
        }
        return Member(path: path, kind: kind, size: unread)
    }

    private mutating func contents() throws -> Data {
        guard unread <= Self.maximumHeaderBytes else { throw Self.malformed("extended header too long") }
        return try read(atMost: unread)
    }

    private mutating func skipRest() throws {
        try archive.skip(unread + padding)
        unread = 0
        padding = 0
    }

    private func block(_ count: Int) throws -> Data {
        try archive.read(atMost: count)
    }
}

/// The extended headers before a member.
private struct ExtendedHeader {
    var path: String?
    var linkPath: String?
    var size: Int?

    /// Records of the form `LENGTH key=value\n`.
    mutating func takePax(_ data: Data) {
        var rest = data[...]
        while let space = rest.firstIndex(of: UInt8(ascii: " ")),
            let length = Int(String(decoding: rest[rest.startIndex..<space], as: UTF8.self)),
            length > 0, length <= rest.count, space < rest.startIndex + length
        {
            let end = rest.startIndex + length
            let record = String(decoding: rest[(space + 1)..<end].dropLast(), as: UTF8.self)
            let halves = record.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            take(key: halves.first ?? "", value: String(halves.dropFirst().first ?? ""))
            rest = rest[end...]
        }
    }

    private mutating func take(key: Substring, value: String) {
        switch key {
        case "path": path = value
        case "linkpath": linkPath = value
        case "size": size = Int(value).flatMap { $0 >= 0 ? $0 : nil }
        default: break
        }
    }
}

extension Data {
    fileprivate var textBeforeNull: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}

/// The 512 bytes before each member of a tar archive.
struct TarHeader: Equatable, Sendable {
    static let size = 512

    var name: String
    var mode: Int
    var size: Int
    var type: UInt8
    var linkName: String

    /// - Returns: nil for a block of zeros, which ends an archive.
    /// - Throws: `ServerError` when the block is not a valid header.
    init?(_ block: Data) throws {
        let bytes = [UInt8](block)
        guard bytes.count == Self.size else { throw TarReader.malformed("truncated header") }
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        let sum = bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        guard Self.number(bytes[148..<156]) == sum else { throw TarReader.malformed("wrong header checksum") }
        guard let size = Self.number(bytes[124..<136]), size >= 0 else {
            throw TarReader.malformed("invalid member size")
        }
        let prefix = Self.isPOSIX(bytes) ? Self.text(bytes[345..<500]) : ""
        let name = Self.text(bytes[0..<100])
        self.name = prefix.isEmpty ? name : "\(prefix)/\(name)"
        self.size = size
        mode = Self.number(bytes[100..<108]) ?? 0o644
        type = bytes[156]
        linkName = Self.text(bytes[157..<257])
    }

    /// GNU archives have `ustar` and two spaces here, and store times where POSIX has the prefix.
    private static func isPOSIX(_ bytes: [UInt8]) -> Bool { bytes[257..<263].elementsEqual(Array("ustar\0".utf8)) }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Octal digits, or GNU's binary form for larger numbers.
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

/// Reads the uncompressed bytes of a gzip file in order.
final class GzipInput {
    private static let chunk = 1 << 20

    private let file: gzFile

    /// - Throws: `ServerError` when the file cannot be opened.
    init(_ url: URL) throws {
        guard let file = gzopen(url.path(percentEncoded: false), "rbe") else {
            throw ServerError(
                .archiveRefused, "cannot read the uploaded source: \(String(cString: strerror(errno)))",
                hint: "upload it again")
        }
        self.file = file
    }

    deinit {
        // Opened for reading only, so closing cannot lose data.
        gzclose(file)
    }

    /// Returns fewer than `count` bytes only at the end.
    ///
    /// - Throws: `ServerError` when the file is damaged or truncated.
    func read(atMost count: Int) throws -> Data {
        var data = Data(count: count)
        let read = data.withUnsafeMutableBytes { gzread(file, $0.baseAddress, UInt32(count)) }
        var code: Int32 = 0
        // gzread does not report a truncated file as an error; gzerror does.
        gzerror(file, &code)
        guard read >= 0, code == Z_OK || code == Z_STREAM_END else {
            throw ServerError(.archiveRefused, "invalid source archive: not a gzip file, or damaged")
        }
        return data.prefix(Int(read))
    }

    func skip(_ count: Int) throws {
        var rest = count
        while rest > 0 {
            let skipped = try read(atMost: min(rest, Self.chunk)).count
            guard skipped > 0 else { throw TarReader.malformed("truncated file") }
            rest -= skipped
        }
    }
}
