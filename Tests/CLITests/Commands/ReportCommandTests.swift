import Engine
import Foundation
import Reports
import TestSupport
import Testing

@testable import CLI

struct JournalLookupTests {
    private let folder: URL
    private let journals: JournalLookup

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "named-journals-\(UUID())")
        journals = JournalLookup(state: StatePaths(flag: folder.path, environment: [:]))
    }

    @discardableResult
    private func write(_ events: [RunEvent], to name: String, tail: String = "") throws -> String {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let text = try events.map { try StableJSON.line($0) + "\n" }.joined() + tail
        try text.write(to: file, atomically: false, encoding: .utf8)
        return file.path
    }

    private func renamed(_ events: [RunEvent], _ id: String) -> [RunEvent] {
        events.map { RunEvent(sequence: $0.sequence, date: $0.date, runID: RunID(rawValue: id), payload: $0.payload) }
    }

    @Test func `a run is found by its ID or path, and the newest without either`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = RunScript.deployed.events
        let path = try write(events, to: "runs/2027-b/journal.jsonl")
        try write(renamed(events, "2026-a"), to: "runs/2026-a/journal.jsonl")
        #expect(try journals.runs(["2026-a"]).first?.events.first?.runID == RunID(rawValue: "2026-a"))
        #expect(try journals.runs([path]).map(\.events) == [events])
        #expect(try journals.runs([]).map(\.events) == [events])
    }

    @Test func `a folder stands for all journals in it`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for id in ["3", "1", "2"] {
            try write(renamed(RunScript.deployed.events, id), to: "parts/shard-\(id)/runs/\(id)/journal.jsonl")
        }
        try write([], to: "parts/shard-1/runs/1/other.jsonl")
        for name in ["/parts", "/parts/"] {
            let runs = try journals.runs([folder.path + name])
            #expect(runs.map { $0.events.first?.runID.rawValue } == ["1", "2", "3"])
        }
        try write([], to: "empty/x/other.jsonl")
        #expect {
            _ = try journals.runs([folder.path + "/empty/"])
        } throws: { ($0 as? StepFailure)?.message == "no journal.jsonl found in the folder '\(folder.path)/empty/'" }
    }

    @Test func `of two runs in the same second the last written is the newest`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, age) in [("20260301120000-z", 60.0), ("20260301120000-a", 0), ("20260301115959-x", 0)] {
            let path = try write(renamed(RunScript.deployed.events, name), to: "runs/\(name)/journal.jsonl")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
        }
        #expect(try journals.runs([]).first?.events.first?.runID.rawValue == "20260301120000-a")
    }

    @Test func `several runs keep the order they were named in`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try write(renamed(RunScript.deployed.events, "z"), to: "1.jsonl")
        let second = try write(renamed(RunScript.cutOff.events, "a"), to: "2.jsonl")
        #expect(try journals.runs([first, second]).map { $0.events.first?.runID.rawValue } == ["z", "a"])
    }

    @Test func `several journals of one run are merged without duplicate events`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = RunScript.deployed.events
        let half = try write(Array(events.prefix(events.count / 2)), to: "half.jsonl", tail: "{\"v\":1,\"torn")
        let rest = try write(Array(events.suffix(events.count - 3)), to: "rest.jsonl")
        let merged = try journals.runs([rest, half, half]).map(\.events)
        #expect(merged.count == 1)
        #expect(RunSummary(events: merged.first ?? []) == RunSummary(events: events))
    }

    @Test func `an invalid journal is refused with a hint`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = try write([], to: "empty.jsonl")
        let other = try write([], to: "other.jsonl", tail: "not a journal\nat all\n")
        for (name, code) in [
            ("2026-x", "UnknownRun"), (folder.path, "UnknownRun"), (empty, "JournalEmpty"),
            (other, "JournalUnreadable"),
        ] {
            let failure = try #require(throws: StepFailure.self) { try journals.runs([name]) }
            #expect(failure.verdict == .usage)
            #expect(failure.code == code)
            #expect(failure.hint != nil)
        }
        #expect(throws: StepFailure.self) { try journals.runs([]) }
    }
}
