import Redaction
import Testing

@testable import Engine

struct StepFailureTests {
    @Test func `a long line is shortened after it is redacted`() {
        let limit = TextSanitizer.maximumLineLength
        let line = String(repeating: "x", count: limit - 6) + "hunter2-hunter2" + String(repeating: "y", count: 100_000)
        let failure = StepFailure(.failed, code: "X", line, hint: line, details: [line])
            .redacted(by: Redactor(secrets: ["hunter2-hunter2"]))
        for text in [failure.message, failure.hint ?? "", failure.details.first ?? ""] {
            #expect(!text.contains("hunter2"))
            #expect(text.unicodeScalars.count == limit + 1)
        }
    }
}
