import Foundation

/// Reads the members of a tar archive (ustar, pax, GNU) one after the other.
struct TarReader {
    enum Kind: Equatable, Sendable {
        case directory
        case file(executable: Bool)
        case symbolicLink(target: String)
        /// Another name of a member before it.
        case hardLink(target: String)
    }

    struct Member: Equatable, Sendable {
        var path: String
        var kind: Kind
        var size: Int
    }

    /// Extended headers and long names are read into memory; real ones are some hundred bytes.
    private static let maximumHeaderBytes = 1 << 20

    private let archive: GzipInput
    private var unread = 0
    private var padding = 0

    init(_ archive: GzipInput) { self.archive = archive }

    static func malformed(_ why: String) -> PlaneError {
        PlaneError(.archiveRefused, "the source archive is no tar archive that can be read: \(why)")
    }

    /// The next member; its contents are to be had from `read` until the next call.
    ///
    /// - Throws: `PlaneError` when the archive is cut short, broken, or holds what is neither file, folder nor link.
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

    /// Up to `count` bytes of the present member; empty at its end.
    mutating func read(atMost count: Int) throws -> Data {
        let wanted = min(count, unread)
        guard wanted > 0 else { return Data() }
        let data = try block(wanted)
        guard data.count == wanted else { throw Self.malformed("it ends within a file") }
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
            throw PlaneError(.archiveRefused, "the source archive holds '\(path)', which is no file, folder or link")
        }
        return Member(path: path, kind: kind, size: unread)
    }

    private mutating func contents() throws -> Data {
        guard unread <= Self.maximumHeaderBytes else { throw Self.malformed("an extended header is too long") }
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

/// What the headers before a member say about it.
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
