import Engine
import FoundationEssentials
import Git
import WorkflowModel

/// Loads the contexts of a workflow's expressions: git, CI and secrets.
struct RunContextLoader: Sendable {
    let environment: [String: String]
    let ci: CIContext

    /// The contexts with secrets; unknown values are null.
    ///
    /// Throws `StepFailure` (78) with every required secret of `secretNames` that has no value.
    func runFacts(secretNames: SecretNames) async throws -> RunContext {
        let secrets = try secrets(secretNames)
        var facts = await runFacts()
        facts.secrets = secrets
        return facts
    }

    /// The contexts of a resumed run: its own, with the secrets of this process.
    func runFacts(of origin: RunOrigin, secretNames: SecretNames) throws -> RunContext {
        RunContext(
            git: origin.git, ci: origin.ci, secrets: try secrets(secretNames), hashFiles: Self.hashFiles)
    }

    /// Nil outside a repository with a commit.
    func checkout() async -> RunOrigin.Checkout? {
        // The step that reads the commit reports the error.
        guard let repository = try? await Repository.open(containing: FileManager.default.currentDirectoryPath),
            let head = try? await repository.head()
        else { return nil }
        let selection = try? CommitSelection(ref: nil, sha: nil, head: head, ci: ci)
        return RunOrigin.Checkout(
            root: repository.root, head: head.commit.description, sha: selection?.commit.description,
            ref: selection?.reference?.repoRef)
    }

    /// The contexts without secrets.
    func runFacts() async -> RunContext {
        RunContext(git: await git(), ci: ciValue, hashFiles: Self.hashFiles)
    }

    /// A secret is the environment variable of its name.
    private func secrets(_ names: SecretNames) throws -> [String: String] {
        let missing = names.required.filter { environment.nonEmpty($0) == nil }.sorted()
        guard missing.isEmpty else {
            throw StepFailure(
                .configurationMissing, code: "SecretsMissing",
                "missing secrets: \(missing.joined(separator: ", "))",
                hint:
                    "set \(missing.count == 1 ? "an environment variable of that name" : "environment variables of these names"), or write default(secrets.NAME, '') for an optional one"
            )
        }
        return environment.filter { names.required.union(names.optional).contains($0.key) && !$0.value.isEmpty }
    }

    /// Patterns are relative to the working directory.
    private static let hashFiles: Evaluator.HashFiles = { patterns throws(ExpressionError) in
        do {
            return try FilesHash.of(patterns, in: FileManager.default.currentDirectoryPath) ?? ""
        } catch {
            throw ExpressionError(message: "hashFiles: \((error as? GitError)?.message ?? "\(error)")")
        }
    }

    /// Without a repository every value is null; the steps that need one report the error.
    private func git() async -> Value {
        var facts: [String: Value] = [
            "sha": .null, "ref": .null, "branch": .null, "tag": .null, "remote-url": .null, "dirty": .null,
        ]
        facts["change"] = .object([
            "number": ci.changeNumber.map { .number(Double($0)) } ?? .null, "head-sha": Value(ci.commit?.description),
            "head-ref": Value(ci.reference?.repoRef), "from-fork": .bool(ci.isFromFork),
            "action": Value(ci.changeAction),
        ])
        do {
            let repository = try await Repository.open(containing: FileManager.default.currentDirectoryPath)
            let selection = try CommitSelection(ref: nil, sha: nil, head: try await repository.head(), ci: ci)
            facts["sha"] = .string(selection.commit.description)
            facts["ref"] = Value(selection.reference?.repoRef)
            if case .branch(let name)? = selection.reference { facts["branch"] = .string(name) }
            if case .tag(let name)? = selection.reference { facts["tag"] = .string(name) }
            facts["remote-url"] = Value(try await repository.remoteURL()?.https)
            facts["dirty"] = try await dirty(repository)
        } catch {
            return .object(facts)
        }
        return .object(facts)
    }

    private func dirty(_ repository: Repository) async throws -> Value {
        switch try await repository.workingTreeStatus() {
        case .clean: .bool(false)
        case .dirty: .bool(true)
        case .unknown: .null
        }
    }

    private var ciValue: Value {
        .object([
            "name": Value(ci.provider?.rawValue),
            "run-id": Value(environment.nonEmpty("GITHUB_RUN_ID") ?? environment.nonEmpty("CI_PIPELINE_ID")),
            "run-url": Value(ci.runURL),
            "event": Value(environment.nonEmpty("GITHUB_EVENT_NAME") ?? environment.nonEmpty("CI_PIPELINE_SOURCE")),
            "actor": Value(ActorReader(environment: environment, ci: ci).ciActor),
            "job": Value(environment.nonEmpty("GITHUB_JOB") ?? environment.nonEmpty("CI_JOB_NAME")),
        ])
    }
}

/// The repository of the working directory, which the local control plane serves.
enum RepositoryRoot {
    /// Nil when there is none or it cannot be opened; the first step reports the error.
    @Sendable static func find() async -> String? {
        try? await Repository.open(containing: FileManager.default.currentDirectoryPath).root
    }
}
