import Engine
import FoundationEssentials
import Reports
import Steps
import WorkflowModel

/// A plan as one JSON object; `changes` tells whether something would change.
struct PlanJSON: Encodable {
    struct Side: Encodable {
        var sha: String?
        var ref: String?
        var config: String?
        var image: String?

        init(_ side: DeployPreview.Side) {
            (sha, ref, config, image) = (side.sha, side.ref, side.config, side.image)
        }
    }

    /// The names of the secrets; values are never read.
    struct Secrets: Encodable {
        var added: [String]
        var set: [String]
        var removed: [String]
        var kept: [String]

        init(_ secrets: DeployPreview.Secrets) {
            (added, set, removed, kept) = (secrets.added, secrets.set, secrets.removed, secrets.kept)
        }
    }

    struct Deploy: Encodable {
        var action: String
        var deployment: String
        var deploymentId: String?
        var source: String
        var repoUrl: String?
        var current: Side?
        var wanted: Side
        var revisionId: String?
        var secretNames: [String]
        var secrets: Secrets
        var resourceKeys: [String]
        var warnings: [String]

        init(_ preview: DeployPreview) {
            action = preview.action.rawValue
            deployment = preview.deployment
            deploymentId = preview.deploymentID
            source = preview.source
            repoUrl = preview.repositoryURL
            current = preview.current.map(Side.init)
            wanted = Side(preview.wanted)
            revisionId = preview.revisionID
            secretNames = preview.secretNames
            secrets = Secrets(preview.secrets)
            resourceKeys = preview.resourceKeys
            warnings = preview.warnings
        }
    }

    struct Step: Encodable {
        var id: String
        var name: String
        var uses: String
        /// Null when it is known only during the run.
        var runs: Bool?
        var inputs: [String: Value]
        /// Inputs that are not known yet, with the steps they depend on.
        var open: [String: [String]]
        var deploy: Deploy?
        var refused: String?
        /// The jobs of the workflow file that it uses.
        var jobs: [Job]?
    }

    struct Job: Encodable {
        var id: String
        var needs: [String]
        var runs: Bool?
        /// What the rows of its matrix depend on, when they are known only during the run.
        var openRows: [String]?
        var steps: [Step]
    }

    var schemaVersion = 1
    var workflow: String
    var changes: Bool
    var deploy: Deploy?
    var jobs: [Job]?

    init(_ preview: DeployPreview) {
        workflow = "deploy"
        changes = preview.changesSomething
        deploy = Deploy(preview)
    }

    init(_ plan: WorkflowPlan) {
        workflow = plan.preview.name
        changes = plan.changesSomething
        jobs = Self.jobs(of: plan)
    }

    private static func jobs(of plan: WorkflowPlan) -> [Job] {
        plan.preview.jobs.map { job in
            Job(
                id: job.id, needs: job.needs, runs: job.runs, openRows: job.unknownRows,
                steps: job.steps.map { step($0, plan.change(of: $0, in: job)) })
        }
    }

    private static func step(_ step: RunPreview.Step, _ change: WorkflowPlan.Change) -> Step {
        var result = Step(id: step.id, name: step.name, uses: step.uses, runs: step.runs, inputs: [:], open: [:])
        for input in step.inputs {
            switch input.value {
            case .known(let value): result.inputs[input.name] = value
            case .later(let causes): result.open[input.name] = causes
            case .secret: result.open[input.name] = ["a secret"]
            }
        }
        if case .deploy(let preview) = change { result.deploy = Deploy(preview) }
        if case .refused(let failure) = change { result.refused = failure.message }
        if case .file(let plan) = change { result.jobs = jobs(of: plan) }
        return result
    }

    var text: String {
        get throws { try StableJSON.pretty(self, keys: .convertToSnakeCase) }
    }
}
