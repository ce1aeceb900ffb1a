import Engine
import Redaction
import Reports
import TestSupport
import Testing

@testable import CLI

struct ClosingBlockTests {
    private let summary = ConsoleSummary(
        RunSummary(events: RunScript.failedAndRolledBack.events),
        notes: ["the local control plane of this run ends with it, and so does the agent; 'slipway serve' keeps both"],
        clean: TextSanitizer(escapesCICommands: false))

    private func lines(_ columns: Int?) -> [String] {
        ClosingBlock(style: .plain, columns: columns).rendered(summary, verdict: .failed)
            .split(separator: "\n").map(String.init)
    }

    /// The words of a text, whatever its line breaks.
    private func words(_ lines: [String]) -> [Substring] { lines.flatMap { $0.split(separator: " ") } }

    @Test(arguments: [20, 40, 80, 100, 200])
    func `every line is wrapped at word boundaries, so that nothing else wraps it`(columns: Int) {
        let wrapped = lines(columns)
        #expect(words(wrapped) == words(lines(nil)))
        let long = wrapped.filter { $0.columns >= columns && !$0.hasPrefix("    | ") }
        // What is too long even alone, such as an address, stays whole.
        #expect(long.allSatisfy { $0.split(separator: " ").last.map { String($0).columns + 16 > columns } ?? false })
    }

    @Test func `facts are wrapped under themselves, lines of a log are not`() {
        let wrapped = lines(60)
        #expect(wrapped.contains("    | ERROR: No matching distribution found for nope==1"))
        #expect(
            wrapped.suffix(3) == [
                "  note         the local control plane of this run ends",
                "               with it, and so does the agent; 'slipway",
                "               serve' keeps both",
            ])
    }

    @Test func `a narrow terminal wraps under the label`() {
        #expect(
            lines(32).suffix(4) == [
                "  note the local control plane", "    of this run ends with it,", "    and so does the agent;",
                "    'slipway serve' keeps both",
            ])
    }

    @Test func `off a terminal nothing is wrapped`() {
        #expect(ClosingBlock(style: .plain, columns: nil).rendered(summary, verdict: .failed) == summary.text)
    }

    @Test(arguments: [true, false])
    func `the verdict has its colour`(usesColor: Bool) {
        let style = Style(usesColor: usesColor, usesUnicode: true)
        let text = ClosingBlock(style: style, columns: nil).rendered(summary, verdict: .failed)
        #expect(text.hasPrefix(usesColor ? "\u{1B}[31mFAILED: " : "FAILED: "))
    }
}
