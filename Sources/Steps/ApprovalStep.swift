import Engine
import Git
import WorkflowModel

/// `approval`: waits until a person approves.
struct ApprovalStep: Step {
    static let signature = StepSignature(
        uses: "approval",
        summary: "Waits for manual approval: at the terminal, or by the protection of the CI job's environment.",
        inputs: [
            .init("message", isRequired: true, "question to approve"),
            .init(
                "via", as: .choice(["environment"]),
                "environment: in CI, the protected environment of the job is the approval"),
        ],
        outputs: [.init("approved-by", "terminal or environment")])

    private let question: String
    private let isGated: Bool
    private let prompt: (any ApprovalPrompt)?
    private let provider: CIProvider?

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        let via = inputs.string("via")
        guard via == nil || via == "environment" else { throw inputs.invalid("via", via ?? "", "environment") }
        question = inputs.string("message") ?? ""
        isGated = via != nil
        prompt = services.prompt
        provider = services.environment.provider
    }

    func run(in context: StepContext) async throws {
        if provider != nil, isGated {
            context.output("approved-by", "environment")
            return context.note("approved by the protection of the job's environment: \(question)")
        }
        guard provider == nil, let prompt else { throw nobodyToAsk }
        let (question, isApproved) = (question, prompt.isApproved)
        guard try await withDeadline(of: context, { try await isApproved(question) }) else {
            throw StepFailure(
                .failed, code: "NotApproved", "not approved: \(question)", hint: "the steps after it were not run")
        }
        context.output("approved-by", "terminal")
    }

    private var nobodyToAsk: StepFailure {
        let hint =
            switch provider {
            case .github:
                "set 'environment:' with required reviewers on the GitHub job, and 'via: environment' on this step"
            case .gitlab:
                "set 'environment:' with protection, or 'when: manual', on the GitLab job, and 'via: environment' on "
                    + "this step"
            case nil: "run it in a terminal"
            }
        return StepFailure(
            .configurationMissing, code: "ApprovalImpossible", "cannot ask for approval: \(question)", hint: hint)
    }
}
