package import FoundationEssentials
import Synchronization

/// The journal seam: where events are kept as they happen.
package protocol Journal: Sendable {
    /// Writes one event; with `durably` it is on disk when this returns.
    func append(_ event: RunEvent, durably: Bool) throws
}

/// Why a journal cannot be written or read.
package struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    /// What to do about it; nil where only the message helps.
    package var hint: String?

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    package var description: String { message }
}

/// A journal for runs that change nothing, and for tests.
package final class MemoryJournal: Journal {
    private let kept = Mutex<[RunEvent]>([])

    package init() {}

    package var events: [RunEvent] { kept.withLock(\.self) }

    package func append(_ event: RunEvent, durably: Bool) throws {
        kept.withLock { $0.append(event) }
    }
}

/// The events of a journal file.
package struct JournalReader: Sendable {
    package let events: [RunEvent]
    /// How many bytes of the file are whole lines; a crash may leave a torn line after them.
    package let validLength: Int

    /// Reads a journal. Events of unknown types are skipped, and so is a torn last line.
    ///
    /// Throws `JournalError` naming the line when one before the last is not an event, and for a journal of another
    /// format.
    package init(_ data: Data) throws {
        let decoder = JSONDecoder()
        var events: [RunEvent] = []
        var start = data.startIndex
        var number = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            let next = data.index(after: end)
            guard let envelope = try? decoder.decode(Envelope.self, from: data[start..<end]) else {
                if next == data.endIndex { break }
                throw JournalError("line \(number): not an event of a run")
            }
            if let event = try envelope.event(in: data[start..<end], line: number, decoder) { events.append(event) }
            start = next
        }
        self.events = events
        validLength = start - data.startIndex
    }

    /// What is read first, to know how to read the rest.
    private struct Envelope: Decodable {
        var v: Int
        var type: String
        /// Format 1 did not say.
        var journalFormat: Int?

        private enum CodingKeys: String, CodingKey {
            case v, type
            case journalFormat = "journal_format"
        }

        func event(in line: Data, line number: Int, _ decoder: JSONDecoder) throws -> RunEvent? {
            guard v == RunEvent.formatVersion else {
                throw JournalError("line \(number): event version \(v) instead of \(RunEvent.formatVersion)")
            }
            if type == RunStarted.type { try checkFormat() }
            guard EventTable.type(named: type) != nil else { return nil }
            do {
                return try decoder.decode(RunEvent.self, from: line)
            } catch {
                throw JournalError("line \(number): invalid event of type '\(type)'")
            }
        }

        private func checkFormat() throws {
            let format = journalFormat ?? 1
            guard format != RunEvent.journalFormat else { return }
            throw format < RunEvent.journalFormat
                ? JournalError("written by an earlier version (format \(format))", hint: "start a new run")
                : JournalError("written by a later version (format \(format))", hint: "upgrade slipway")
        }
    }
}
