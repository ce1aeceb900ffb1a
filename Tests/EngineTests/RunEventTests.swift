import FoundationEssentials
import Redaction
import Testing

@testable import Engine

@Suite struct RunEventCodableTests {
    @Test(arguments: EventSamples.payloads())
    func `every event survives JSON as it was`(payload: any EventPayload) throws {
        let event = EventSamples.event(payload, sequence: 7)
        let data = try JSONEncoder().encode(event)
        #expect(!data.contains(UInt8(ascii: "\n")))
        let decoded = try JSONDecoder().decode(RunEvent.self, from: data)
        #expect(decoded.payload.isEqual(to: payload))
        #expect(decoded.sequence == 7)
        #expect(decoded.runID == event.runID)
        #expect(EventTimestamp.text(from: decoded.date) == EventTimestamp.text(from: event.date))
    }

    @Test func `the samples cover every type of event`() {
        #expect(Set(EventSamples.payloads().map { type(of: $0).type }) == Set(EventTable.types.map { $0.type }))
    }

    @Test func `an event is one flat object with its envelope`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(EventSamples.event(JobStarted(job: "deploy")))
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"job":"deploy","run_id":"run","seq":1,"ts":"2026-01-01T00:00:00.123Z","type":"job.started","v":1}"#
        )
    }

    @Test func `fields that this version does not know are passed over`() throws {
        let text =
            #"{"v":1,"ts":"2026-01-01T00:00:00.000Z","seq":1,"type":"job.started","run_id":"r","job":"j","new":[1]}"#
        let event = try JSONDecoder().decode(RunEvent.self, from: Data(text.utf8))
        #expect(event.payload as? JobStarted == JobStarted(job: "j"))
    }
}

@Suite struct EventTimestampTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (1_767_225_600.9996, "2026-01-01T00:00:01.000Z"),
        (1_767_225_599.5, "2025-12-31T23:59:59.500Z"), (-0.25, "1969-12-31T23:59:59.750Z"),
    ])
    func `a date is text to the nearest millisecond`(seconds: Double, text: String) {
        #expect(EventTimestamp.text(from: Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test func `a stamp that is read and written again stays what it was`() throws {
        for millisecond in 0..<1000 {
            let text = "2026-06-30T12:00:00.\(String(1000 + millisecond).dropFirst())Z"
            #expect(EventTimestamp.text(from: try #require(EventTimestamp.date(from: text))) == text)
        }
    }

    @Test(arguments: [
        "", "now", "2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1", "2026-13-01T00:00:00.0Z",
        "2026-01-01T00:00:00.1e9999Z", "2026-01-01T00:00:00.5e300Z", "2026-01-01T00:00:00.1p9Z",
    ])
    func `what is no stamp is refused`(text: String) {
        #expect(EventTimestamp.date(from: text) == nil)
    }
}

@Suite struct MaskedEventTests {
    static let secret = "hunter2-hunter2"

    @Test(arguments: EventSamples.payloads(text: secret))
    func `row 55: no event carries a secret, wherever it was put`(payload: any EventPayload) throws {
        let masked = payload.redacted(by: EventRedactor(Redactor(secrets: [Self.secret])))
        let text = String(decoding: try JSONEncoder().encode(EventSamples.event(masked)), as: UTF8.self)
        #expect(!text.contains(Self.secret))
        #expect(!text.contains("hunter2"))
    }

    @Test(arguments: EventSamples.payloads())
    func `an event without a secret stays as it is`(payload: any EventPayload) {
        #expect(payload.redacted(by: EventRedactor(Redactor(secrets: [Self.secret]))).isEqual(to: payload))
    }
}
