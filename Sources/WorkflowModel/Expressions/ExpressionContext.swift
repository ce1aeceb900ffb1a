/// The first word of a name in an expression.
package enum ExpressionContext: String, Sendable, CaseIterable {
    case git, ci, inputs, env, matrix, needs, steps, secrets

    package var summary: String {
        switch self {
        case .git: "the commit that is deployed"
        case .ci: "the CI that runs this; empty on a laptop"
        case .inputs: "what the caller gave"
        case .env: "the variables of the workflow, the job and the step"
        case .matrix: "the row that the job runs for"
        case .needs: "`result` and `outputs` of the jobs in `needs`, and of each row in `rows`"
        case .steps: "`outputs`, `outcome` and `conclusion` of the steps before"
        case .secrets: "secret variables; only in `env` and in secret inputs of steps"
        }
    }

    /// The names in contexts that are the same in every workflow; nil for the others.
    package var fixedNames: [String: [String]]? {
        switch self {
        case .git:
            [
                "sha": [], "ref": [], "branch": [], "tag": [], "remote-url": [], "dirty": [],
                "change": ["number", "head-sha", "head-ref", "from-fork", "action"],
            ]
        case .ci: ["name": [], "run-id": [], "run-url": [], "event": [], "actor": [], "job": []]
        default: nil
        }
    }
}
