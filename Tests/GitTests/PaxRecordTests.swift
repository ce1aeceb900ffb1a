import Testing

@testable import Git

@Suite struct PaxRecordTests {
    @Test(arguments: [
        ("a", "b", "6 a=b\n"), ("path", "ü", "11 path=ü\n"), ("a", "12345", "11 a=12345\n"),
        ("a", "1234", "9 a=1234\n"),
    ])
    func `its length counts bytes and its own digits`(key: String, value: String, line: String) {
        let bytes = PaxRecord(key, value).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == line)
        #expect(line.hasPrefix("\(bytes.count) "))
    }

    @Test func `is right where the number of digits grows`() {
        for length in 80...120 {
            let record = PaxRecord("path", String(repeating: "x", count: length)).bytes
            let digits = record.prefix { $0 != UInt8(ascii: " ") }
            #expect(Int(String(decoding: digits, as: UTF8.self)) == record.count)
        }
    }
}
