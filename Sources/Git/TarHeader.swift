/// This is the header block of a tar entry, owned by uid and gid 0: POSIX ustar, with pax records for long values.
struct TarHeader: Equatable {
    static let blockSize = 512

    enum EntryType: Character {
        case file = "0"
        case symbolicLink = "2"
        case directory = "5"
        case globalPax = "g"
        case pax = "x"
    }

    private enum Field {
        static let name = 0..<100
        static let mode = 100..<108
        static let userID = 108..<116
        static let groupID = 116..<124
        static let size = 124..<136
        static let modificationTime = 136..<148
        static let checksum = 148..<156
        static let type = 156..<157
        static let link = 157..<257
        static let magic = 257..<265
        static let userName = 265..<297
        static let groupName = 297..<329
    }

    var name: String
    var mode: Int
    var type: EntryType
    /// Seconds since 1970.
    var modificationTime: Int
    /// Bytes.
    var size = 0
    var link = ""

    /// The fields that do not fit into the block. Names beyond ASCII are here because only pax defines them as UTF-8.
    var extendedRecords: [PaxRecord] {
        var records: [PaxRecord] = []
        if !Self.fits(name, Field.name) { records.append(PaxRecord("path", name)) }
        if !Self.fits(link, Field.link) { records.append(PaxRecord("linkpath", link)) }
        if size > Self.largest(Field.size) { records.append(PaxRecord("size", String(size))) }
        return records
    }

    var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: some Sequence<UInt8>, _ field: Range<Int>) {
            for (position, byte) in zip(field, text) { block[position] = byte }
        }
        put(name.utf8, Field.name)
        put(Self.octal(mode, Field.mode), Field.mode)
        put(Self.octal(0, Field.userID), Field.userID)
        put(Self.octal(0, Field.groupID), Field.groupID)
        put(Self.octal(size, Field.size), Field.size)
        put(Self.octal(modificationTime, Field.modificationTime), Field.modificationTime)
        put(repeatElement(UInt8(ascii: " "), count: Field.checksum.count), Field.checksum)
        put(String(type.rawValue).utf8, Field.type)
        put(link.utf8, Field.link)
        put("ustar\0".utf8, Field.magic)
        put("00".utf8, Field.magic.dropFirst(6).lowerBound..<Field.magic.upperBound)
        put("root".utf8, Field.userName)
        put("root".utf8, Field.groupName)
        // Six digits, NUL, space: only this field ends so.
        let sum = block.reduce(0) { $0 + Int($1) }
        put(Self.octal(sum, Field.checksum.lowerBound..<Field.checksum.upperBound - 1), Field.checksum)
        return block
    }

    private static func fits(_ text: String, _ field: Range<Int>) -> Bool {
        text.utf8.count <= field.count && text.utf8.allSatisfy { $0 < 0x80 }
    }

    /// The last byte of a numeric field is NUL.
    private static func largest(_ field: Range<Int>) -> Int { (1 << (3 * (field.count - 1))) - 1 }

    private static func octal(_ number: Int, _ field: Range<Int>) -> [UInt8] {
        let digits = String(min(number, largest(field)), radix: 8)
        return Array((String(repeating: "0", count: field.count - 1 - digits.count) + digits + "\0").utf8)
    }
}

/// This is a `length key=value` line of a pax extended header (POSIX.1-2001).
struct PaxRecord: Equatable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    /// The line; its length includes the digits of the length.
    var bytes: [UInt8] {
        let rest = " \(key)=\(value)\n"
        let base = rest.utf8.count
        var length = base
        while base + String(length).utf8.count != length { length = base + String(length).utf8.count }
        return Array("\(length)\(rest)".utf8)
    }
}
