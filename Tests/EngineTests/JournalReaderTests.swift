import FoundationEssentials
import Testing

@testable import Engine

@Suite struct JournalReaderTests {
    static let line = #"{"v":1,"ts":"2026-01-01T00:00:00.000Z","seq":1,"type":"job.started","run_id":"r","job":"j"}"#
    static let unknown = #"{"v":1,"ts":"2026-01-01T00:00:00.000Z","seq":1,"type":"job.paused","run_id":"r"}"#

    private func read(_ text: String) throws -> JournalReader {
        try JournalReader(Data(text.utf8))
    }

    @Test func `an empty journal has no events`() throws {
        let reader = try read("")
        #expect(reader.events.isEmpty)
        #expect(reader.validLength == 0)
    }

    @Test(arguments: ["{", "{\"v\":1,\"type\":\"job.sta", "\0\0\0", "\0\0\0\n", "garbage\n"])
    func `row 38: a torn last line is passed over and not counted`(tail: String) throws {
        let reader = try read(Self.line + "\n" + tail)
        #expect(reader.events.count == 1)
        #expect(reader.validLength == Self.line.utf8.count + 1)
    }

    @Test func `an event of an unknown type is passed over but counted`() throws {
        let text = "\(Self.unknown)\n\(Self.line)\n"
        let reader = try read(text)
        #expect(reader.events.count == 1)
        #expect(reader.validLength == text.utf8.count)
    }

    @Test(arguments: ["garbage", "", "[]", "{}", "\0\0"])
    func `garbage before the last line names the line`(garbage: String) {
        #expect(throws: JournalError("line 2: not a run event")) {
            try read("\(Self.line)\n\(garbage)\n\(Self.line)\n")
        }
    }

    @Test func `an event that lacks what its type needs is named, even in the last line`() {
        let bad = Self.line.replacing(#","job":"j""#, with: "")
        #expect(throws: JournalError("line 1: invalid event of type 'job.started'")) { try read(bad + "\n") }
    }

    @Test func `a journal of another version is refused`() {
        let newer = Self.unknown.replacing(#""v":1"#, with: #""v":2"#)
        #expect(throws: JournalError("line 2: unsupported event version 2")) { try read("\(Self.line)\n\(newer)\n") }
    }

    @Test func `a journal of another format is refused with a hint`() {
        let start = Self.line.replacing("job.started", with: "run.started")
        #expect(
            throws: JournalError(
                "written by an earlier version (format 1)", hint: "start a new run", isOtherFormat: true)
        ) {
            try read(start + "\n")
        }
        let later = start.replacing("}", with: #","journal_format":99}"#)
        #expect(
            throws: JournalError("written by a later version (format 99)", hint: "upgrade slipway", isOtherFormat: true)
        ) {
            try read(later + "\n")
        }
    }

    @Test(arguments: [
        (#"{"type":"run.finished","v":1,"verdict":"failed"}"#, true),
        (#"{"type":"run.finished","v":1,"verdict":"interrupted"}"#, false),
        (#"{"type":"step.started","v":1}"#, false), ("", false), ("{", false),
    ])
    func `whether a run finished is known for every journal format`(last: String, expected: Bool) {
        #expect(
            JournalReader.isFinished(Data((#"{"type":"run.started","v":1}"# + "\n" + last + "\n").utf8)) == expected)
    }

    @Test func `a slice of other data is read the same`() throws {
        let data = Data("xx\(Self.line)\n".utf8).dropFirst(2)
        #expect(try JournalReader(data).validLength == Self.line.utf8.count + 1)
    }

    @Test func `no cut through a journal is a trap`() throws {
        let data = Data("\(Self.line)\n\(Self.unknown)\n\(Self.line)\n".utf8)
        for length in 0...data.count {
            let reader = try JournalReader(data.prefix(length))
            #expect(reader.validLength <= length)
        }
    }
}
