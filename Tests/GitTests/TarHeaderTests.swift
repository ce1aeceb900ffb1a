import Testing

@testable import Git

@Suite struct TarHeaderTests {
    private let header = TarHeader(name: "agent.py", mode: 0o644, type: .file, modificationTime: 1_700_000_000, size: 8)

    @Test func `has its fields at the POSIX offsets`() {
        let bytes = header.bytes
        #expect(bytes.count == 512)
        #expect(text(bytes[0..<9]) == "agent.py\0")
        #expect(text(bytes[100..<108]) == "0000644\0")
        #expect(text(bytes[108..<124]) == "0000000\u{0}0000000\u{0}")
        #expect(text(bytes[124..<136]) == "00000000010\0")
        #expect(text(bytes[136..<148]) == "14524770400\0")
        #expect(text(bytes[156..<157]) == "0")
        #expect(text(bytes[257..<265]) == "ustar\u{0}00")
    }

    @Test func `the checksum counts its own field as spaces`() {
        var bytes = header.bytes
        let written = text(bytes[148..<156])
        bytes.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
        let sum = String(bytes.reduce(0) { $0 + Int($1) }, radix: 8)
        #expect(written == String(repeating: "0", count: 6 - sum.count) + sum + "\0 ")
    }

    @Test func `needs no pax record for a short ASCII name`() {
        #expect(header.extendedRecords.isEmpty)
        #expect(with { $0.name = String(repeating: "a", count: 100) }.extendedRecords.isEmpty)
    }

    @Test func `long names, long links, non-ASCII names and huge sizes use pax records`() {
        let long = String(repeating: "a", count: 101)
        #expect(with { $0.name = long }.extendedRecords == [PaxRecord("path", long)])
        #expect(with { $0.link = long }.extendedRecords == [PaxRecord("linkpath", long)])
        #expect(with { $0.name = "ü" }.extendedRecords == [PaxRecord("path", "ü")])
        #expect(with { $0.size = 1 << 33 }.extendedRecords == [PaxRecord("size", "8589934592")])
        #expect(with { $0.size = (1 << 33) - 1 }.extendedRecords.isEmpty)
    }

    private func with(_ change: (inout TarHeader) -> Void) -> TarHeader {
        var changed = header
        change(&changed)
        return changed
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

@Suite struct PaxRecordTests {
    @Test(arguments: [
        ("a", "b", "6 a=b\n"), ("path", "ü", "11 path=ü\n"), ("a", "12345", "11 a=12345\n"),
        ("a", "1234", "9 a=1234\n"),
    ])
    func `the length counts bytes and its own digits`(key: String, value: String, line: String) {
        let bytes = PaxRecord(key, value).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == line)
        #expect(line.hasPrefix("\(bytes.count) "))
    }

    @Test func `the length is right where its number of digits grows`() {
        for length in 80...120 {
            let record = PaxRecord("path", String(repeating: "x", count: length)).bytes
            let digits = record.prefix { $0 != UInt8(ascii: " ") }
            #expect(Int(String(decoding: digits, as: UTF8.self)) == record.count)
        }
    }
}
