import Engine
import Files
import FoundationEssentials
import Git
import WorkflowModel

/// `git`: reads the commit to deploy, and refuses a working tree that differs from it.
struct GitStep: Step {
    static let signature = StepSignature(
        uses: "git",
        summary: "Reads the commit: its SHA, ref, working tree and remote.",
        inputs: [
            .init(
                "options", "a mapping with inputs of this step that are not given one by one, such as `${{ inputs }}`"),
            .init("directory", default: ".", "folder inside the repository"),
            .init("ref", "branch or tag to deploy; default: that of HEAD"),
            .init("sha", "commit to deploy; default: that of the ref, or HEAD"),
            .init("config", "file that must exist in the commit, from its root or from `directory`"),
            .init("allow-dirty", default: false, "deploy even if the working tree is dirty"),
            .init(
                "record-only", default: false,
                "only record the commit, if there is one: ignore the working tree and a missing repository; default for an image"
            ),
        ],
        outputs: [
            .init("sha", "commit, 40 or 64 hex digits"),
            .init("ref", "name of the branch, or refs/tags/NAME"),
            .init("branch", "branch; null for a tag"),
            .init("tag", "tag; null for a branch"),
            .init("dirty", "whether the working tree is dirty; null if unknown"),
            .init("remote-url", "remote origin, or the only one, as https, without user info"),
            .init("config", "path of the configuration from the root of the commit; null if none was given"),
            .init("root", "top folder of the working tree"),
            .init("subject", "first line of the commit message"),
        ])

    private let inputs: StepInputs
    private let services: StepServices
    /// An image is not built from the commit.
    private let isRecordOnly: Bool

    init(_ inputs: StepInputs, _ services: StepServices) {
        let options = inputs.members("options")
        self.inputs = inputs.completed(from: options, for: Self.signature)
        isRecordOnly = self.inputs.flag("record-only") || options["image"]?.text.isEmpty == false
        self.services = services
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures(in: context) {
            do {
                try await read(context)
            } catch let error as GitError
                where isRecordOnly && inputs.string("ref") == nil && inputs.string("sha") == nil
            {
                context.note("no commit recorded: \(error.message)")
            }
        }
    }

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
        guard let config = inputs.string("config") else { return }
        let file = try await ConfigurationFile.find(
            config, in: commit.id, of: repository, from: inputs.string("directory") ?? ".")
        if let note = file.note { context.note(note) }
        context.output("config", .string(file.path))
    }

    private func select(in repository: Repository) async throws -> CommitSelection {
        var ref: ResolvedCommit?
        if let name = inputs.string("ref") { ref = try await repository.lookUp(name) }
        var commit: CommitID?
        if let sha = inputs.string("sha") { commit = try await repository.resolve(sha) }
        // A resumed run deploys what HEAD was when it began.
        if ref == nil, commit == nil, let began = services.resumedCheckout, began.root == repository.root,
            let sha = began.sha
        {
            commit = try await repository.resolve(sha)
            if let name = began.ref { ref = try await repository.lookUp(name) }
        }
        return try CommitSelection(ref: ref, sha: commit, head: try await repository.head(), ci: services.environment)
    }

    private func check(_ worktree: WorkingTreeStatus, _ context: StepContext) throws {
        switch worktree {
        case .clean: return
        case .unknown(let reason): context.warn("cannot determine whether the working tree is dirty: \(reason)")
        case .dirty(let paths, let total):
            let shown = paths.prefix(5).joined(separator: ", ") + (total > 5 ? " and \(total - 5) more" : "")
            guard inputs.flag("allow-dirty") else {
                throw StepFailure(
                    .usage, code: "DirtyWorktree", "working tree is dirty: \(shown)",
                    hint: hintForDirtyWorktree)
            }
            context.warn("working tree is dirty, and these changes are not deployed: \(shown)")
        }
    }

    private var hintForDirtyWorktree: String {
        let either = "or pass --allow-dirty to deploy the commit without them"
        // GitLab unpacks the artifacts of earlier stages into every job.
        guard services.environment.provider == .gitlab else { return "commit or stash the changes, " + either }
        return "set dependencies: [] in this job if these are artifacts of earlier jobs, " + either
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
        context.output("config", .null)
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
    /// Nil when it is unknown.
    fileprivate var isDirty: Bool? {
        switch self {
        case .clean: false
        case .dirty: true
        case .unknown: nil
        }
    }
}

/// The files that slipway itself writes, such as reports and journals: they do not make the working tree dirty.
package struct GeneratedFiles: Sendable {
    /// A folder with more entries than this is not looked through.
    private static let mostEntries = 100

    private let files: Set<RealPath>
    /// With all that is below them.
    private let folders: [RealPath]

    /// Paths that need not exist yet; links are followed.
    package init(_ files: [String], folders: [String] = []) {
        self.files = Set(files.map(RealPath.init))
        self.folders = folders.map(RealPath.init)
    }

    /// The status without them. `root` is the folder that its paths are relative to.
    func removed(from status: WorkingTreeStatus, root: String) -> WorkingTreeStatus {
        let root = RealPath(root)
        guard (files + folders).contains(where: { $0.isBelow(root) }) else { return status }
        return status.without { covers("\(root.text)/\($0)") }
    }

    /// A folder, which ends in a slash, is covered when all that is in it is.
    private func covers(_ path: String) -> Bool {
        let place = RealPath(path)
        if files.contains(place) || folders.contains(where: { place == $0 || place.isBelow($0) }) { return true }
        guard path.hasSuffix("/"), (files + folders).contains(where: { $0.isBelow(place) }),
            let names = try? FileManager.default.contentsOfDirectory(atPath: place.text),
            names.count <= Self.mostEntries
        else { return false }
        return names.allSatisfy { name in
            var isFolder = false
            let entry = "\(place.text)/\(name)"
            return FileManager.default.fileExists(atPath: entry, isDirectory: &isFolder)
                && covers(isFolder ? entry + "/" : entry)
        }
    }
}
