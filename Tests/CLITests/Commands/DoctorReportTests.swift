import Engine
import Foundation
import Redaction
import Reports
import Testing

@testable import CLI

struct DoctorReportTests {
    private let clean = TextSanitizer(escapesCICommands: false)
    private let refused = Finding.bad(
        .key, StepFailure(.notAuthorised, code: "NotAuthorised", "HTTP 403", hint: "check LANGSMITH_API_KEY"))

    @Test(
        arguments: [
            ([Finding.good(.state, "x")], 0), ([.warning(.ci, "x", hint: "y"), .skipped(.key, "x")], 0),
            ([.bad(.repository, StepFailure(.usage, code: "NotARepository", "x"))], 64),
            ([.bad(.controlPlane, StepFailure(.unreachable, code: "X", "x"))], 69),
            ([.bad(.key, StepFailure(.configurationMissing, code: "X", "no API key"))], 78),
            (
                [
                    .bad(.key, StepFailure(.notAuthorised, code: "X", "x")),
                    .bad(.integration, StepFailure(.unreachable, code: "X", "x")),
                ], 77
            ),
        ] as [([Finding], Int32)])
    func `the first problem sets the exit code`(findings: [Finding], code: Int32) {
        #expect(DoctorReport(findings: findings).verdict.exitCode == code)
    }

    @Test func `each finding is one line with its hint below`() {
        let text = DoctorReport(findings: [.good(.state, "/state"), refused]).text(.plain, clean)
        #expect(
            text == """
                ok      state directory      /state
                failed  API key              HTTP 403
                                             hint: check LANGSMITH_API_KEY

                1 problem

                """)
    }

    @Test func `the JSON has the same findings`() throws {
        let text = try DoctorReport(findings: [.good(.localPlane, "/bin/plane"), refused]).json()
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["ok"] as? Bool == false)
        #expect(document["exit_code"] as? Int == 77)
        let checks = try #require(document["checks"] as? [[String: String]])
        #expect(
            checks == [
                ["name": "local_control_plane", "status": "ok", "detail": "/bin/plane"],
                ["name": "key", "status": "error", "detail": "HTTP 403", "hint": "check LANGSMITH_API_KEY"],
            ])
    }

    @Test func `credentials in URLs are hidden in the text and in the JSON`() throws {
        let finding = Finding.warning(
            .repository, "remote https://h/a?private_token=glpat-1", hint: "set https://kim:hunter22@h/a")
        let report = DoctorReport(findings: [finding])
        for text in [report.text(.plain, clean), try report.json()] {
            #expect(text.contains("private_token=***") && text.contains("***@h"))
            #expect(!text.contains("glpat") && !text.contains("hunter22"))
        }
    }

    @Test func `untrusted text cannot control the terminal`() {
        let text = DoctorReport(findings: [.good(.integration, "a\u{1B}[2Jb")]).text(.plain, clean)
        #expect(!text.contains("\u{1B}"))
    }
}
