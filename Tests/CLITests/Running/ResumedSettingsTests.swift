import ArgumentParser
import Engine
import TestSupport
import Testing

@testable import CLI

/// What a resumed run takes from the one that began it.
@Suite struct ResumedSettingsTests {
    private func records(_ flags: [String], began: String?) throws -> RecordOptions.Sharing? {
        let dependencies = Dependencies(environment: [:], clock: VirtualClock(), jitter: { 0.5 })
        return try ResumedSettings(
            try SessionOptions.parse(flags), dependencies, RunOrigin(folder: "/", records: began),
            run: RunID(rawValue: "run")
        ).session.records.record
    }

    @Test func `records are shared as the run began, unless a flag says otherwise`() throws {
        #expect(try records([], began: "notes") == .notes)
        #expect(try records([], began: nil) == nil)
        #expect(try records(["--record", "none"], began: "notes") == RecordOptions.Sharing.none)
        #expect(try records(["--record", "notes"], began: nil) == .notes)
        // Of a later version.
        #expect(try records([], began: "elsewhere") == nil)
    }
}
