import ControlPlaneTypes
import FoundationEssentials
import Testing

@Suite struct LogEntryTests {
    private func decode(_ text: String) throws -> LogEntry {
        try JSONDecoder().decode(LogEntry.self, from: Data(text.utf8))
    }

    @Test func `a time is milliseconds or text`() throws {
        let number = try decode(#"{"id":"1","timestamp":1767225600500,"level":"INFO","message":"m"}"#)
        let text = try decode(#"{"timestamp":"2026-01-01T00:00:00.5Z","message":"m"}"#)
        #expect(number.date == text.date)
        #expect(number.level == "INFO")
        #expect(text.id == nil)
    }

    @Test func `a line with invalid fields is still decoded`() throws {
        let entry = try decode(#"{"id":7,"timestamp":true,"level":null,"extra":{}}"#)
        #expect(entry.message.isEmpty)
        #expect(entry.date == nil)
    }

    @Test(arguments: ["1e300", "-1e300", "1e18", "9223372036854775807"])
    func `a time out of range does not trap`(milliseconds: String) throws {
        let entry = try decode(#"{"timestamp":\#(milliseconds),"message":"m"}"#)
        _ = try JSONEncoder().encode(entry)
    }

    @Test func `an entry survives encoding and decoding`() throws {
        let entry = LogEntry(id: "1", date: Date(timeIntervalSince1970: 1.234), level: "ERROR", message: "m")
        let copy = try JSONDecoder().decode(LogEntry.self, from: JSONEncoder().encode(entry))
        #expect(copy.date == entry.date)
        #expect(copy.message == "m")
    }

    @Test func `a page may leave out its list`() throws {
        let page = try JSONDecoder().decode(LogsPage.self, from: Data("{}".utf8))
        #expect(page.logs.isEmpty)
        #expect(page.nextOffset == nil)
    }
}
