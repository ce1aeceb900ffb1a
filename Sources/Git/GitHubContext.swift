import Files
import FoundationEssentials

extension CIContext {
    static func github(_ variables: CIEnvironment, readFile: (String) throws -> [UInt8]) -> CIContext {
        var context = CIContext(provider: .github)
        context.runURL = runURL(variables)
        context.commit = variables["GITHUB_SHA"].flatMap { CommitID($0) }
        context.reference = variables["GITHUB_REF"].flatMap { GitReference(fullName: $0) }
        let event = context.readEvent(variables, readFile: readFile)
        context.changeNumber = event?.pullRequest?.number
        context.changeAction = event?.pullRequest == nil ? nil : event?.action
        context.isFromFork = event?.pullRequest?.isFromFork ?? false
        if variables["GITHUB_REF"]?.hasPrefix("refs/pull/") == true {
            context.usePullRequest(event?.pullRequest, variables)
        } else if variables["GITHUB_EVENT_NAME"] == "workflow_run", let run = event?.workflowRun {
            context.useWorkflowRun(run, repository: event?.repository)
        }
        return context
    }

    /// Handles `refs/pull/…`, where `GITHUB_SHA` is a merge of the branch into its base. The event name does not tell:
    /// for a closed, merged pull request and for `pull_request_target` it is a commit of the base branch.
    private mutating func usePullRequest(_ pullRequest: GitHubEvent.PullRequest?, _ variables: CIEnvironment) {
        syntheticMerge = commit
        commit = nil
        reference = variables["GITHUB_HEAD_REF"].map { .branch($0) }
        guard let pullRequest else { return }
        commit = CommitID(pullRequest.head.sha)
        reference = .branch(pullRequest.head.ref)
        origin = .eventFile
    }

    /// Handles a run that another run triggered: the commit is the one that run tested, while `GITHUB_SHA` is the
    /// newest commit of the default branch.
    private mutating func useWorkflowRun(_ run: GitHubEvent.WorkflowRun, repository: GitHubEvent.Repository?) {
        commit = CommitID(run.headSHA)
        reference = run.headBranch.map { .branch($0) }
        isFromFork = run.headRepository != repository
        origin = .eventFile
    }

    /// Whether the variables alone name a different commit from the one that was pushed.
    private func needsEvent(_ variables: CIEnvironment) -> Bool {
        variables["GITHUB_REF"]?.hasPrefix("refs/pull/") == true || variables["GITHUB_EVENT_NAME"] == "workflow_run"
    }

    private mutating func readEvent(_ variables: CIEnvironment, readFile: (String) throws -> [UInt8]) -> GitHubEvent? {
        guard let path = variables["GITHUB_EVENT_PATH"] else { return nil }
        do {
            return try JSONDecoder().decode(GitHubEvent.self, from: Data(readFile(path)))
        } catch {
            let reason = (error as? DecodingError)?.reason ?? SystemErrorText.text(of: error)
            let problem = GitError(
                .unreadableEvent,
                "cannot read event file \(path): \(reason)",
                hint: "check GITHUB_EVENT_PATH, or pass --sha and --ref")
            warnings.append(problem.message)
            // A missing file may be intended; a damaged one must not select the wrong commit silently.
            if error is DecodingError, needsEvent(variables) { unreadableEvent = problem }
            return nil
        }
    }

    private static func runURL(_ variables: CIEnvironment) -> String? {
        guard let server = variables["GITHUB_SERVER_URL"], let repository = variables["GITHUB_REPOSITORY"],
            let run = variables["GITHUB_RUN_ID"]
        else { return nil }
        return "\(server)/\(repository)/actions/runs/\(run)"
    }
}

extension DecodingError {
    /// The reason in a few words, without Swift type names.
    fileprivate var reason: String {
        switch self {
        case .keyNotFound(let key, let context): "missing field \(Self.path(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.codingPath.isEmpty ? "not a JSON object" : "wrong type at \(Self.path(context.codingPath))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON" : "invalid value at \(Self.path(context.codingPath))"
        @unknown default: "unknown format"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
}

/// This decodes the parts of a webhook event that name the commit of a run.
private struct GitHubEvent: Decodable, Equatable {
    struct Repository: Decodable, Equatable {
        let fullName: String

        private enum CodingKeys: String, CodingKey {
            case fullName = "full_name"
        }
    }

    struct Side: Decodable, Equatable {
        let sha: String
        let ref: String
        /// `null` when the fork was deleted.
        let repo: Repository?
    }

    struct Base: Decodable, Equatable {
        let repo: Repository?
    }

    struct PullRequest: Decodable, Equatable {
        let number: Int
        let head: Side
        let base: Base

        var isFromFork: Bool { head.repo?.fullName != base.repo?.fullName || head.repo == nil }
    }

    struct WorkflowRun: Decodable, Equatable {
        let headSHA: String
        let headBranch: String?
        let headRepository: Repository?

        private enum CodingKeys: String, CodingKey {
            case headSHA = "head_sha"
            case headBranch = "head_branch"
            case headRepository = "head_repository"
        }
    }

    let action: String?
    let pullRequest: PullRequest?
    let workflowRun: WorkflowRun?
    let repository: Repository?

    private enum CodingKeys: String, CodingKey {
        case pullRequest = "pull_request"
        case workflowRun = "workflow_run"
        case repository, action
    }
}
