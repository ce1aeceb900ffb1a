import Engine
import TestSupport
import Testing
import WorkflowModel

@testable import Reports

struct GitHubAnnotationsTests {
    private let wait = StepAddress(job: "deploy", step: "wait")

    private func lines(_ script: RunScript, at position: SourcePosition? = nil) -> [String] {
        let positions = position.map { [wait: $0] } ?? [:]
        return GitHubAnnotations(RunSummary(events: script.events), positions: positions).lines
    }

    @Test func `a failure is an error at its step's line`() {
        let position = SourcePosition(file: "./ci/a,b:c.yml", line: 12, column: 9)
        #expect(
            lines(.failedAndRolledBack, at: position) == [
                "::error file=ci/a%2Cb%3Ac.yml,line=12,col=9,title=BuildFailed::FAILED: revision "
                    + "\(RunScript.newRevision) ended in BUILD_FAILED; rolled back to revision "
                    + "\(RunScript.oldRevision)%0Ahint: mend the build, then deploy again"
            ])
    }

    @Test func `a file outside of the repository is not named`() {
        let line = lines(.failedAndRolledBack, at: SourcePosition(file: "../x.yml", line: 1, column: 1)).first
        #expect(line?.hasPrefix("::error title=BuildFailed::") == true)
    }

    @Test func `a run that went well says nothing, one that was stopped says so`() {
        #expect(lines(.deployed) == [])
        #expect(lines(.stopped).first?.hasPrefix("::error title=terminated::CANCELLED (SIGTERM): ") == true)
        #expect(lines(.timedOut).first?.hasPrefix("::error title=DeployTimeout::TIMED OUT: ") == true)
    }

    @Test func `a row that another one's failure stopped is no error of its own`() {
        var script = RunScript()
        script.startRun(workflow: "fleet")
        for row in ["us", "eu"] { script.start("wait", in: "deploy (\(row))", uses: "wait") }
        script.finish("wait", in: "deploy (eu)", .failure, failure: StepFailure(.failed, code: "Red", "eu is red"))
        script.finish(
            "wait", in: "deploy (us)", .cancellation, failure: StepFailure(.failed, code: "Stopped", "eu failed"))
        script.finishRun(.failed)
        #expect(lines(script).count == 2)
        #expect(lines(script).first?.hasPrefix("::error title=Red::FAILED: eu is red") == true)
        #expect(lines(script).last == "::notice title=Stopped::eu failed")
    }

    @Test func `warnings and steps that passed at a later try are told`() {
        var script = RunScript()
        script.startRun()
        script.start("smoke")
        script.finish("smoke", .failure, failure: StepFailure(.failed, code: "Http", "HTTP 502"))
        script.start("smoke", attempt: 2)
        script.finish("smoke", attempt: 2)
        script.add(Noted(job: "deploy", step: "smoke", level: .warning, message: "50% slower"))
        script.finishRun(.success)
        #expect(
            lines(script) == [
                "::warning title=slipway::50%25 slower",
                "::notice title=passed at attempt 2::step 'smoke' failed first: HTTP 502",
            ])
    }

    @Test func `of each kind there are ten at most, and the last says how many more`() {
        var script = RunScript()
        script.startRun()
        for number in 0..<40 {
            script.start("s\(number)")
            script.finish("s\(number)", .failure, failure: StepFailure(.failed, code: "No", "no \(number)"))
            script.add(Noted(job: "deploy", step: "s", level: .warning, message: "w\(number)"))
        }
        script.finishRun(.failed)
        let lines = lines(script)
        #expect(lines.filter { $0.hasPrefix("::error ") }.count == 10)
        #expect(lines.filter { $0.hasPrefix("::warning ") }.count == 10)
        #expect(lines.contains("::error title=slipway::31 more, see the summary"))
        #expect(lines.contains("::warning title=slipway::31 more, see the summary"))
    }

    @Test func `a message is cut, stays on its line and starts no command of its own`() {
        var script = RunScript()
        script.startRun()
        script.start("s")
        let message = "a\r\n::set-output name=x::y\u{1B}[31m\n" + String(repeating: "é", count: 10_000)
        script.finish("s", .failure, failure: StepFailure(.failed, code: "A,b:c\nd", message))
        script.finishRun(.failed)
        let lines = lines(script)
        #expect(lines.count == 1)
        #expect(
            lines.allSatisfy { line in !line.unicodeScalars.contains { $0 == "\n" || $0 == "\r" || $0 == "\u{1B}" } })
        #expect(lines.first?.hasPrefix("::error title=A%2Cb%3Ac d::FAILED: ") == true)
        #expect((lines.first?.unicodeScalars.count ?? 0) < GitHubAnnotations.maximumMessage + 100)
    }
}
