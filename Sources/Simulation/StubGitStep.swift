import Engine
import Steps
import WorkflowModel

/// Stands in for the `git` step where a test is not about the repository: a clean, pushed commit.
struct StubGitStep: Step {
    let sha: String
    let ref: String?
    let remoteURL: String?

    /// Nil only when there is no built-in step type of that name.
    static func type(sha: String, ref: String?, remoteURL: String?) -> StepType? {
        BuiltinSteps.signatures.first { $0.uses == "git" }.map { signature in
            StepType(signature) { _ in StubGitStep(sha: sha, ref: ref, remoteURL: remoteURL) }
        }
    }

    func run(in context: StepContext) async throws {
        context.record(
            CommitRead(
                sha: sha, ref: ref, branch: ref, tag: nil, dirty: false, remoteURL: remoteURL, subject: "Work"))
        context.output("sha", .string(sha))
        context.output("ref", Value(ref))
        context.output("remote-url", Value(remoteURL))
    }
}
