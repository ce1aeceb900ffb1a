package import FoundationEssentials
import Synchronization

/// The storage of a run's events.
package protocol Journal: Sendable {
    /// Writes one event; with `durably` it is on disk when this returns.
    func append(_ event: RunEvent, durably: Bool) throws
}

/// Why a journal cannot be written or read.
package struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    /// The next action; nil if there is none.
    package var hint: String?
    /// Whether the journal is valid, but of another format.
    package var isOtherFormat = false

    package init(_ message: String, hint: String? = nil, isOtherFormat: Bool = false) {
        self.message = message
        self.hint = hint
        self.isOtherFormat = isOtherFormat
    }

    package var description: String { message }
}

/// A journal in memory, for runs that change nothing and for tests.
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
    /// The length of the complete lines in bytes; a crash can leave an incomplete line after them.
    package let validLength: Int

    /// Parses a journal, skipping events of unknown types and an incomplete last line.
    ///
    /// Throws `JournalError` naming the line if one before the last is not an event, and for a journal of another format.
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
                throw JournalError("line \(number): not a run event")
            }
            if let event = try envelope.event(in: data[start..<end], line: number, decoder) { events.append(event) }
            start = next
        }
        self.events = events
        validLength = start - data.startIndex
    }

    /// Whether the run in the journal finished other than by a cancellation; reads journals of every format.
    package static func isFinished(_ data: Data) -> Bool {
        guard let line = data.split(separator: UInt8(ascii: "\n")).last,
            let end = try? JSONDecoder().decode(End.self, from: line), end.type == RunFinished.type
        else { return false }
        return ![Verdict.interrupted, .terminated].map(\.rawValue).contains(end.verdict)
    }

    /// The fields of a last event.
    private struct End: Decodable {
        var type: String
        var verdict: String?
    }

    /// The fields that determine how to decode the rest.
    private struct Envelope: Decodable {
        var v: Int
        var type: String
        /// Absent in format 1.
        var journalFormat: Int?

        private enum CodingKeys: String, CodingKey {
            case v, type
            case journalFormat = "journal_format"
        }

        func event(in line: Data, line number: Int, _ decoder: JSONDecoder) throws -> RunEvent? {
            guard v == RunEvent.formatVersion else {
                throw JournalError("line \(number): unsupported event version \(v)")
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
            let (age, hint) =
                format < RunEvent.journalFormat ? ("an earlier", "start a new run") : ("a later", "upgrade slipway")
            throw JournalError("written by \(age) version (format \(format))", hint: hint, isOtherFormat: true)
        }
    }
}
