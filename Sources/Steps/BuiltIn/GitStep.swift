import Engine
import Git
import WorkflowModel

/// `git`: reads the commit to deploy, and refuses a work tree that is not what would be deployed.
struct GitStep: Step {
    static let signature = StepSignature(
        uses: "git",
        summary: "Reads the commit: its SHA, ref, work tree and remote.",
        inputs: [
            .init("directory", default: ".", "a folder inside the repository"),
            .init("ref", "the branch or tag to deploy; default: the one HEAD is on"),
            .init("sha", "the commit to deploy; default: the ref's or HEAD"),
            .init("config", "a file that must exist in the commit"),
            .init("allow-dirty", default: false, "go on although the work tree has changes"),
            .init(
                "record-only", default: false,
                "only record the commit, if there is one: neither the work tree nor a missing repository matters"),
        ],
        outputs: [
            .init("sha", "the commit, 40 or 64 hex digits"),
            .init("ref", "the ref as the API has it: a branch's name or refs/tags/…"),
            .init("branch", "the branch, if it is one"),
            .init("tag", "the tag, if it is one"),
            .init("dirty", "whether the work tree has changes; null when it could not be told"),
            .init("remote-url", "the remote origin as https, without user info"),
            .init("root", "the top folder of the work tree"),
            .init("subject", "the first line of the commit's message"),
        ])

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures {
            do {
                try await read(context)
            } catch let error as GitError
                where isRecordOnly && inputs.string("ref") == nil && inputs.string("sha") == nil
            {
                context.note("no commit is recorded: \(error.message)")
            }
        }
    }

    private var isRecordOnly: Bool { inputs.flag("record-only") }

    private func read(_ context: StepContext) async throws {
        let repository = try await Repository.open(containing: inputs.string("directory") ?? ".")
        let selection = try await select(in: repository)
        for warning in selection.warnings { context.warn(warning) }
        context.note(selection.explanation, level: .debug)
        let commit = try await repository.commit(selection.commit)
        let worktree = services.generatedFiles.removed(
            from: try await repository.workingTreeStatus(), root: repository.root)
        let fact = CommitRead(
            sha: commit.id.description, ref: selection.reference?.repoRef, branch: selection.reference?.branch,
            tag: selection.reference?.tag, dirty: worktree.isDirty,
            remoteURL: try await repository.remoteURL()?.https, subject: commit.subject)
        // Before anything is refused, so that the report of a refusal says what it is about.
        context.record(fact)
        put(fact, root: repository.root, context)
        if isRecordOnly { return }
        try check(worktree, context)
        try await checkConfiguration(in: commit.id, of: repository)
    }

    private func select(in repository: Repository) async throws -> CommitSelection {
        var ref: ResolvedCommit?
        if let name = inputs.string("ref") { ref = try await repository.lookUp(name) }
        var commit: CommitID?
        if let sha = inputs.string("sha") { commit = try await repository.resolve(sha) }
        return try CommitSelection(ref: ref, sha: commit, head: try await repository.head(), ci: services.environment)
    }

    private func check(_ worktree: WorkingTreeStatus, _ context: StepContext) throws {
        switch worktree {
        case .clean: return
        case .unknown(let reason): context.warn("could not tell whether the work tree has changes: \(reason)")
        case .dirty(let paths, let total):
            let shown = paths.prefix(5).joined(separator: ", ") + (total > 5 ? " and \(total - 5) more" : "")
            guard inputs.flag("allow-dirty") else {
                throw StepFailure(
                    .usage, code: "DirtyWorktree", "the work tree has changes that would not be deployed: \(shown)",
                    hint: "commit or stash them, or deploy the commit as it is with --allow-dirty")
            }
            context.warn("the work tree has changes that are not deployed: \(shown)")
        }
    }

    private func checkConfiguration(in commit: CommitID, of repository: Repository) async throws {
        guard let path = inputs.string("config"), !(try await repository.contains(path: path, in: commit)) else {
            return
        }
        throw GitError(
            .pathNotInCommit, "commit \(commit.abbreviated) has no file \(path)",
            hint: "commit it, or name the right file with --config")
    }

    private func put(_ fact: CommitRead, root: String, _ context: StepContext) {
        context.output("sha", .string(fact.sha))
        context.output("ref", Value(fact.ref))
        context.output("branch", Value(fact.branch))
        context.output("tag", Value(fact.tag))
        context.output("dirty", fact.dirty.map { .bool($0) } ?? .null)
        context.output("remote-url", Value(fact.remoteURL))
        context.output("root", .string(root))
        context.output("subject", Value(fact.subject))
    }
}

extension GitReference {
    fileprivate var branch: String? {
        if case .branch(let name) = self { name } else { nil }
    }

    fileprivate var tag: String? {
        if case .tag(let name) = self { name } else { nil }
    }
}

extension WorkingTreeStatus {
    /// Nil when it could not be told.
    fileprivate var isDirty: Bool? {
        switch self {
        case .clean: false
        case .dirty: true
        case .unknown: nil
        }
    }
}
