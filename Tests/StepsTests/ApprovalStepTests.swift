import Engine
import Git
import Testing
import WorkflowModel

@testable import Steps

@Suite struct ApprovalStepTests {
    private struct Person: ApprovalPrompt {
        let answer: Bool
        func isApproved(_ question: String) async throws -> Bool { answer && question == "to production?" }
    }

    private func run(
        via: String? = nil, person: Person? = nil, ci provider: CIProvider? = nil
    ) async throws -> StepHarnessResult {
        var trial = StepHarness("approval", ["message": "to production?", "via": Value(via)])
        trial.adjust = {
            $0.prompt = person
            $0.environment.provider = provider
        }
        return try await trial.run()
    }

    @Test(arguments: [nil, "environment"]) func `a yes at the terminal`(via: String?) async throws {
        let result = try await run(via: via, person: Person(answer: true))
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["approved-by": "terminal"])
    }

    @Test func `a no fails the step`() async throws {
        let result = try await run(person: Person(answer: false))
        #expect(result.verdict == .failed, result.story)
        #expect(result.failure?.code == "NotApproved")
    }

    @Test(arguments: CIProvider.allCases) func `in CI the environment's gate approves`(ci: CIProvider) async throws {
        let result = try await run(via: "environment", ci: ci)
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["approved-by": "environment"])
    }

    @Test(arguments: CIProvider.allCases) func `in CI nobody is asked without a gate`(ci: CIProvider) async throws {
        let result = try await run(person: Person(answer: true), ci: ci)
        #expect(result.verdict.exitCode == 78, result.story)
        #expect(result.failure?.hint?.contains("via: environment") == true)
    }

    @Test(arguments: [nil, "environment"]) func `outside CI and a terminal nobody can be asked`(via: String?)
        async throws
    {
        #expect(try await run(via: via).verdict.exitCode == 78)
    }

    @Test func `another way is refused`() async throws {
        #expect(try await run(via: "chat").verdict == .invalidWorkflow)
    }
}
