package import WorkflowModel

/// What a run began with besides its workflow, inputs and flags: a resumed run continues with it, wherever it is resumed.
package struct RunOrigin: Codable, Sendable, Equatable {
    package struct ControlPlane: Codable, Sendable, Equatable {
        package var url: String
        /// Whether it was the embedded one, whose address changes when it starts again.
        package var isLocal: Bool
        package var workspace: String?
        /// What other commands need to reach it, such as ` --control-plane local`, with a blank before it; nil if the
        /// environment selects it.
        package var commandFlags: String?

        package init(url: String, isLocal: Bool, workspace: String?, commandFlags: String? = nil) {
            self.url = url
            self.isLocal = isLocal
            self.workspace = workspace
            self.commandFlags = commandFlags
        }

        private enum CodingKeys: String, CodingKey {
            case url, workspace
            case isLocal = "local"
            case commandFlags = "command_flags"
        }
    }

    /// The repository of the folder.
    package struct Checkout: Codable, Sendable, Equatable {
        package var root: String
        /// The commit of HEAD.
        package var head: String
        /// The commit to deploy, which in CI can be another one, and its ref; nil if they were not known.
        package var sha: String?
        package var ref: String?

        package init(root: String, head: String, sha: String?, ref: String?) {
            self.root = root
            self.head = head
            self.sha = sha
            self.ref = ref
        }
    }

    /// Who started the run, and where: in CI the person and the run, else the account and the machine.
    package struct Actor: Codable, Sendable, Equatable {
        /// The account that ran the program.
        package var user: String?
        package var host: String?
        /// The CI system, such as `github`; nil outside CI.
        package var ci: String?
        /// The CI system's name of the person.
        package var ciActor: String?
        /// The address of the CI run's page.
        package var runURL: String?
        /// The environment that the CI job deploys to.
        package var environment: String?

        package init(
            user: String? = nil, host: String? = nil, ci: String? = nil, ciActor: String? = nil,
            runURL: String? = nil, environment: String? = nil
        ) {
            self.user = user
            self.host = host
            self.ci = ci
            self.ciActor = ciActor
            self.runURL = runURL
            self.environment = environment
        }

        private enum CodingKeys: String, CodingKey {
            case user, host, ci, environment
            case ciActor = "ci_actor"
            case runURL = "run_url"
        }
    }

    /// Absolute.
    package var folder: String
    /// Nil in the journal of an earlier version.
    package var actor: Actor?
    /// Nil for a workflow that uses none.
    package var controlPlane: ControlPlane?
    /// Nil outside a repository.
    package var checkout: Checkout?
    /// The jobs that `--job` named; empty for all.
    package var jobs: [String]
    /// The jobs whose rows are the targets of a fleet; nil for a run of anything else.
    package var waves: [String]?
    /// Where the records of its changes are shared, such as `notes`; nil if nowhere.
    package var records: String?
    /// The contexts `git` and `ci`; null for a built-in workflow, which does not use them.
    package var git: Value
    package var ci: Value

    package init(
        folder: String, actor: Actor? = nil, controlPlane: ControlPlane? = nil, checkout: Checkout? = nil,
        jobs: [String] = [], waves: [String]? = nil, records: String? = nil, git: Value = .null, ci: Value = .null
    ) {
        self.folder = folder
        self.actor = actor
        self.controlPlane = controlPlane
        self.checkout = checkout
        self.jobs = jobs
        self.waves = waves
        self.records = records
        self.git = git
        self.ci = ci
    }

    private enum CodingKeys: String, CodingKey {
        case folder, actor, checkout, jobs, waves, records, git, ci
        case controlPlane = "control_plane"
    }

    /// The texts that are public whatever they contain.
    package var facts: Set<String> {
        let texts = [
            folder, controlPlane?.url, controlPlane?.workspace, checkout?.root, checkout?.head, checkout?.sha,
            checkout?.ref,
        ]
        return Set(texts.compactMap(\.self))
            .union(PublicFacts.texts(of: git, named: "git")).union(PublicFacts.texts(of: ci, named: "ci"))
    }
}
