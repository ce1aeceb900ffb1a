import FoundationEssentials
import Redaction
import Synchronization
import TestSupport
import Testing
import WorkflowModel

@testable import Engine

@Suite struct EventRedactorTests {
    private static let secrets = ["secrets.TOKEN": "hunter2-hunter2", "s.env:APP_ENV": "production"]

    private static func redactor(facts: Set<String> = []) -> EventRedactor {
        EventRedactor(Redactor(secrets: Array(secrets.values)), secrets: secrets, facts: facts)
    }

    private func roundTrip(_ value: Value, facts: Set<String> = [], secrets: [String: String] = secrets) -> Value {
        let (recorded, withheld) = Self.redactor(facts: facts).record(value)
        for secret in Self.secrets.values where !facts.contains(secret) { #expect(!recorded.text.contains(secret)) }
        return SecretRestorer(secrets).restore(recorded, withheld)
    }

    @Test func `a fact stays as it is, even if it contains a secret`() {
        let value: Value = .object(["ref": "production", "path": "deploy/production.json"])
        let (recorded, withheld) = Self.redactor(facts: ["production", "deploy/production.json"]).record(value)
        #expect(recorded == value)
        #expect(withheld == nil)
    }

    @Test func `a fact loses the login of a URL`() {
        let url = "https://user:pass-pass@host/x"
        #expect(Self.redactor(facts: [url]).redactFact(url) == "https://***@host/x")
    }

    @Test func `a value that is a secret is a reference to it, and is read again`() {
        let value: Value = .object(["token": "hunter2-hunter2", "list": .list(["a", "production"])])
        let (recorded, withheld) = Self.redactor().record(value)
        #expect(recorded == .object(["token": "***", "list": .list(["a", "***"])]))
        #expect(withheld?.compactMap { $0.secret } == ["s.env:APP_ENV", "secrets.TOKEN"])
        #expect(roundTrip(value) == value)
    }

    @Test func `a value that only contains a secret cannot be restored`() {
        #expect(roundTrip("Bearer hunter2-hunter2") == .withheld)
        #expect(roundTrip(.list(["x", "my-production"])) == .list(["x", .withheld]))
    }

    @Test func `a secret that has changed or is gone is not taken for the old one`() {
        let changed = ["secrets.TOKEN": "another-secret", "s.env:APP_ENV": "staging"]
        #expect(roundTrip("hunter2-hunter2", secrets: changed) == .withheld)
        #expect(roundTrip("production", secrets: [:]) == .withheld)
    }

    @Test func `a member whose name contains a secret cannot be restored`() {
        #expect(roundTrip(.object(["my-production": "x"])) == .object(["my-***": .withheld]))
    }

    @Test func `a withheld value stops the expression that uses it, and names it`() {
        let evaluator = Evaluator { ["steps": .object(["a": .object(["outputs": .object(["x": .withheld])])])] }
        let failure = #expect(throws: StepFailure.self) {
            try evaluator.value(of: .reference(["steps", "a", "outputs", "x"]), for: "with.url")
        }
        #expect(failure?.verdict == .usage)
        #expect(failure?.message.hasPrefix("with.url: 'steps.a.outputs.x' contained a secret") == true)
    }
}

/// A run whose values collide with secrets, and the run that continues it.
@Suite struct ResumedValueTests {
    private static let secrets = ["secrets.TOKEN": "hunter2-hunter2", "s.env:APP_ENV": "production"]

    /// A first step puts `value` out; a second one uses it, in the resumed run only.
    private func resume(_ value: Value, declared: Bool) async throws -> (verdict: Verdict, used: String?, run: TestRun)
    {
        let used = Mutex<String?>(nil)
        let types = [
            ScriptedStep.type("make", outputs: declared ? ["x"] : []) { $0.output("x", value) },
            ScriptedStep.type("use", inputs: ["x"]) { context in used.withLock { $0 = context.inputs.string("x") } },
        ]
        let jobs = [
            Job(
                id: "job",
                steps: [.step("make"), .step("use", with: ["x": .reference(["steps", "make", "outputs", "x"])])])
        ]
        let first = TestRun(jobs: jobs, types: types, secrets: Self.secrets)
        _ = await first.run()
        let end = try #require(first.log.events.firstIndex { ($0.payload as? StepFinished)?.step == "make" })
        let lines = try first.log.events.prefix(end + 1).map { try $0.line }
        let earlier = try JournalReader(lines.reduce(Data(), +)).events
        used.withLock { $0 = nil }
        let resumed = TestRun(jobs: jobs, types: types, secrets: Self.secrets, earlier: earlier)
        let verdict = await resumed.resume()
        return (verdict, used.withLock(\.self), resumed)
    }

    @Test func `a declared output that equals a secret goes on as it was`() async throws {
        let (verdict, used, _) = try await resume("production", declared: true)
        #expect(verdict == .success)
        #expect(used == "production")
    }

    @Test func `an output of a script that is a secret is read from there again`() async throws {
        let (verdict, used, _) = try await resume("hunter2-hunter2", declared: false)
        #expect(verdict == .success)
        #expect(used == "hunter2-hunter2")
    }

    /// Where the resumed run uses the output `x` of the first job or of its step.
    private static let uses: [(place: String, jobs: [Job])] = {
        let make = Job(id: "first", outputs: ["x": .output("x", of: "make")], steps: [.step("make")])
        let output = Expression.reference(["needs", "first", "outputs", "x"])
        return [
            (
                "a step's if",
                [
                    Job(
                        id: "first",
                        steps: [.step("make"), .step("use", if: .reference(["steps", "make", "outputs", "x"]))])
                ]
            ),
            ("a job's if", [make, Job(id: "second", needs: ["first"], if: output, steps: [.step("use")])]),
            (
                "a matrix",
                [
                    make,
                    Job(
                        id: "second", needs: ["first"],
                        strategy: Strategy(
                            matrix: Matrix(axes: [.init("zone", output)]), maxParallel: 1, failFast: true),
                        steps: [.step("use")]),
                ]
            ),
        ]
    }()

    @Test(arguments: 0..<3)
    func `wherever it is used, a value that cannot be restored is a usage error`(place: Int) async throws {
        let (name, jobs) = Self.uses[place]
        let used = Mutex(false)
        let types = [
            ScriptedStep.type("make") { $0.output("x", "https://x/?t=hunter2-hunter2") },
            ScriptedStep.type("use") { _ in used.withLock { $0 = true } },
        ]
        let first = TestRun(jobs: jobs, types: types, secrets: Self.secrets)
        _ = await first.run()
        let end = try #require(
            first.log.events.firstIndex { event in
                jobs.count == 1
                    ? (event.payload as? StepFinished)?.step == "make" : (event.payload as? JobFinished)?.job == "first"
            })
        let lines = try first.log.events.prefix(end + 1).map { try $0.line }
        used.withLock { $0 = false }
        let resumed = TestRun(
            jobs: jobs, types: types, secrets: Self.secrets, earlier: try JournalReader(lines.reduce(Data(), +)).events)
        #expect(await resumed.resume() == .usage, "\(name)")
        #expect(used.withLock { $0 } == false)
    }

    @Test func `an output of a script that contains a secret stops the run, and no mask is sent`() async throws {
        let (verdict, used, run) = try await resume("https://x/?t=hunter2-hunter2", declared: false)
        #expect(verdict == .usage)
        #expect(used == nil)
        #expect(run.failure(of: "use")?.message.contains("steps.make.outputs.x") == true)
    }
}
