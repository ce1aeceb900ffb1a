import FoundationEssentials
import Redaction
import Testing

@testable import Engine

@Suite struct MaskedEventTests {
    static let secret = "hunter2-hunter2"

    @Test(arguments: EventSamples.payloads(text: secret))
    func `row 55: no event carries a secret, wherever it was put`(payload: any EventPayload) throws {
        let masked = payload.redacted(by: Redactor(secrets: [Self.secret]))
        let text = String(decoding: try JSONEncoder().encode(EventSamples.event(masked)), as: UTF8.self)
        #expect(!text.contains(Self.secret))
        #expect(!text.contains("hunter2"))
    }

    @Test(arguments: EventSamples.payloads())
    func `an event without a secret stays as it is`(payload: any EventPayload) {
        #expect(payload.redacted(by: Redactor(secrets: [Self.secret])).isEqual(to: payload))
    }
}
