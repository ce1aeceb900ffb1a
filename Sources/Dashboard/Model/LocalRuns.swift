import Engine
import Foundation
import Redaction
import Reports

/// A run whose journal is on this machine.
struct LocalRun: Sendable, Equatable {
    let id: String
    let startedAt: Date?
    /// Nil for a run that did not finish, or is in progress.
    let outcome: Outcome?
    let isRunning: Bool
    /// The verdict in one line.
    let headline: String
    /// Of a rollback.
    let reason: String?
}

/// The runs whose journals are in the state directory, each read once as long as it stays the same and its run in progress or not.
actor LocalRuns {
    /// As many as are kept.
    private static let shown = 50
    /// In bytes; what is longer is shown by its id only.
    private static let largestJournal = 32 << 20

    private struct Kept {
        var written: Date?
        var run: LocalRun
    }

    private let folder: String
    private var kept: [String: Kept] = [:]

    init(stateFolder: String) { folder = stateFolder + "/runs" }

    /// Newest first: their ids begin with the time.
    nonisolated var ids: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let journals = names.filter { Self.isID($0) && FileManager.default.fileExists(atPath: journal($0)) }
        return Array(journals.sorted(by: >).prefix(Self.shown))
    }

    var all: [LocalRun] {
        let ids = ids
        kept = kept.filter { ids.contains($0.key) }
        return ids.map(run)
    }

    private func run(_ id: String) -> LocalRun {
        let attributes = try? FileManager.default.attributesOfItem(atPath: journal(id))
        let written = attributes?[.modificationDate] as? Date
        let known = kept[id].flatMap { $0.written == written ? $0.run : nil }
        if let known, known.outcome != nil { return known }
        // Before it is read: a run that ends meanwhile has its verdict in the journal.
        let isRunning = RunRetention.isActive(journal(id))
        if let known, known.isRunning == isRunning { return known }
        let isShort = attributes?[.size] as? Int ?? 0 <= Self.largestJournal
        let run = LocalRun(id: id, events: isShort ? events(id) : [], isRunning: isRunning)
        kept[id] = Kept(written: written, run: run)
        return run
    }

    /// Empty for a journal that is damaged or of another version: its page says why.
    private func events(_ id: String) -> [RunEvent] {
        guard let data = FileManager.default.contents(atPath: journal(id)) else { return [] }
        return LocalRun.events(data)
    }

    private nonisolated func journal(_ id: String) -> String { RunRetention.journal(in: "\(folder)/\(id)") }

    private static func isID(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension LocalRun {
    /// Of a journal. Lines that are no events belong to no run.
    static func events(_ data: Data) -> [RunEvent] { (try? JournalReader(data))?.events ?? [] }

    init(id: String, events: [RunEvent], isRunning: Bool) {
        var summary = RunSummary(events: events)
        summary.isRunning = isRunning && summary.verdict == nil
        let clean = TextSanitizer(escapesCICommands: false)
        self.init(
            id: id, startedAt: summary.startedAt, outcome: summary.verdict?.outcome, isRunning: summary.isRunning,
            headline: events.isEmpty ? "" : ConsoleSummary(summary, clean: clean).headline,
            reason: summary.main.rollback?.reason)
    }
}
