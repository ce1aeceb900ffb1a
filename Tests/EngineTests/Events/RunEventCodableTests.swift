import FoundationEssentials
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
