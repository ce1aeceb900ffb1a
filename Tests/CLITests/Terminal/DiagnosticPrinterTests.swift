import Engine
import Redaction
import Reports
import Testing

@testable import CLI

struct DiagnosticPrinterTests {
    private func text(
        _ style: Style = .plain, inCI: Bool = false, _ body: (DiagnosticPrinter) -> Void
    ) -> String {
        let transcript = Transcript()
        body(
            DiagnosticPrinter(
                style: style, redactor: Redactor(secrets: ["hunter2"]), clean: TextSanitizer(escapesCICommands: inCI),
                write: { transcript.write($0, .text) }))
        return transcript.text
    }

    @Test func `an error has a line, its details and a hint`() {
        let failure = StepFailure(.failed, code: "X", "it broke", hint: "mend it", details: ["here", "there"])
        #expect(text { $0.error(failure) } == "error: it broke\n  here\n  there\nhint: mend it\n")
    }

    @Test func `a warning may stand alone`() {
        #expect(text { $0.warning("look out") } == "warning: look out\n")
    }

    @Test func `secrets are redacted in every part`() {
        let failure = StepFailure(.failed, code: "X", "no hunter2", hint: "use hunter2", details: ["hunter2!"])
        #expect(text { $0.error(failure) } == "error: no ***\n  ***!\nhint: use ***\n")
    }

    @Test func `only the labels are painted`() {
        let style = Style(usesColor: true, usesUnicode: true)
        #expect(text(style) { $0.error("no") } == "\u{1B}[31merror:\u{1B}[0m no\n")
    }

    @Test func `a message from elsewhere cannot forge a line or a command`() {
        let message = "first\nhint: forged \u{1B}[2J ##[error]x"
        #expect(text(inCI: true) { $0.error(message) } == "error: first hint: forged  #\u{200B}#[error]x\n")
    }
}
