import ControlPlaneTypes
import Engine
import FoundationEssentials
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// What the steps of a deploy hand to one another.
@Suite struct DeployPlanTests {
    private func value(_ structure: some Encodable) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(structure))
    }

    private var plan: DeployPlan {
        var plan = DeployPlan(action: .revise, deployment: "agent", source: .github)
        plan.deploymentID = "d"
        plan.pastDurations = [61.5, 60]
        plan.settings.added = ["TOKEN"]
        plan.current = DeployPlan.Current(sha: "1")
        return plan
    }

    @Test func `a plan is read back as it was written`() throws {
        #expect(try StepInputs(["plan": value(plan)]).structure("plan", DeployPlan.self) == plan)
    }

    @Test(
        arguments: [
            ("action", nil, "missing 'action'"), ("past-durations", .string("long"), "invalid 'past-durations'"),
            ("action", .string("destroy"), "invalid 'action'"),
            ("settings", .object(["stored": .list([])]), "missing 'settings.added'"),
        ] as [(String, Value?, String)])
    func `a malformed plan is refused, and the member is named`(member: String, replacement: Value?, problem: String)
        throws
    {
        guard case .object(var members) = try value(plan) else { return }
        members[member] = replacement
        let failure = #expect(throws: StepFailure.self) {
            try StepInputs(["plan": .object(members)]).structure("plan", DeployPlan.self)
        }
        #expect(failure?.verdict == .invalidWorkflow)
        #expect(failure?.message == "invalid input 'plan': \(problem)")
        #expect(failure?.hint?.contains("plan: ${{ steps.preflight.outputs.plan }}") == true)
    }

    @Test func `a text is not a plan`() throws {
        let failure = #expect(throws: StepFailure.self) {
            try StepInputs(["plan": "revise"]).structure("plan", DeployPlan.self)
        }
        #expect(failure?.message == "invalid input 'plan': invalid value")
    }

    @Test func `a revision of a workflow file needs only its ids`() throws {
        let revision = try StepInputs(["revision": .object(["deployment-id": "d", "id": "r"])])
            .structure("revision", TrackedRevision.self)
        #expect(revision == TrackedRevision(deploymentID: "d", id: "r"))
    }

    @Test func `a plan with nothing to do creates no revision`() async throws {
        let nothing = DeployPlan(action: .none, deployment: "agent", source: .github)
        let result = try await StepHarness("create-revision", ["plan": value(nothing)]).run()
        #expect(result.failure?.code == "NothingToDeploy", result.story)
        #expect(result.verdict == .invalidWorkflow)
    }

    @Test func `a plan has the path of a secrets file and none of its values`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/secrets"
        try Data("TOKEN=very-secret-value\n".utf8).write(to: URL(filePath: path))
        var harness = WorkflowHarness.deployed()
        harness.inputs["secrets-file"] = .string(path)
        harness.inputs["secrets"] = "merge"
        let result = try await harness.run()
        let plan = try StepInputs(["plan": result.output("plan", of: "preflight") ?? .null])
            .structure("plan", DeployPlan.self)
        #expect(plan?.secretsFile == path)
        #expect(plan?.settings.added == ["TOKEN"])
        #expect(!result.journalText.contains("very-secret-value"))
    }

    @Test(arguments: [
        ("create-revision", "known-revisions", "plan"), ("wait", "known-revisions", "plan"),
        ("wait", "revision-id", "revision"), ("verify", "built-sha", "revision"),
        ("smoke", "deployment-id", "revision"), ("rollback", "previous-revision-id", "revision"),
    ])
    func `an input of an earlier version is refused with the one that replaced it`(
        uses: String, input: String, replacement: String
    ) {
        let file = """
            version: 1
            name: old
            jobs:
              deploy:
                steps:
                  - uses: \(uses)
                    with: {\(input): x}
            """
        let checked = WorkflowValidator(signatures: BuiltinSteps.signatures).validate(Array(file.utf8), file: "old.yml")
        let diagnostic = checked.diagnostics.first { $0.message.contains("'\(input)'") }
        #expect(diagnostic?.hint?.contains("\(replacement): ${{ steps.") == true)
    }
}
