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

    /// `GITHUB_SHA` is then a merge of the branch into its base. By the reference and not by the name of the event:
    /// for a merged pull request that was closed, and for `pull_request_target`, it is a commit of the base branch.
    private mutating func usePullRequest(_ pullRequest: GitHubEvent.PullRequest?, _ variables: CIEnvironment) {
        syntheticMerge = commit
        commit = nil
        reference = variables["GITHUB_HEAD_REF"].map { .branch($0) }
        guard let pullRequest else { return }
        commit = CommitID(pullRequest.head.sha)
        reference = .branch(pullRequest.head.ref)
        origin = .eventFile
    }

    /// The run waited for another one, and is about the commit that one tested; `GITHUB_SHA` is the newest commit
    /// of the default branch.
    private mutating func useWorkflowRun(_ run: GitHubEvent.WorkflowRun, repository: GitHubEvent.Repository?) {
        commit = CommitID(run.headSHA)
        reference = run.headBranch.map { .branch($0) }
        isFromFork = run.headRepository != repository
        origin = .eventFile
    }

    /// Whether the variables alone name another commit than the one that was pushed.
    private func needsEvent(_ variables: CIEnvironment) -> Bool {
        variables["GITHUB_REF"]?.hasPrefix("refs/pull/") == true || variables["GITHUB_EVENT_NAME"] == "workflow_run"
    }

    private mutating func readEvent(_ variables: CIEnvironment, readFile: (String) throws -> [UInt8]) -> GitHubEvent? {
        guard let path = variables["GITHUB_EVENT_PATH"] else { return nil }
        do {
            return try JSONDecoder().decode(GitHubEvent.self, from: Data(readFile(path)))
        } catch {
            let problem = GitError(
                .unreadableEvent,
                "the event file \(path) cannot be read: \((error as? DecodingError)?.reason ?? SystemErrorText.text(of: error))",
                hint: "see what GITHUB_EVENT_PATH names, or say which commit is meant with --sha and --ref")
            warnings.append(problem.message)
            // One that is not there may be meant so; one that is damaged would be missed without a word.
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
    /// In a few words, without the types of this program.
    fileprivate var reason: String {
        switch self {
        case .keyNotFound(let key, let context): "it has no field \(Self.path(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.codingPath.isEmpty ? "it is no object" : "wrong type at \(Self.path(context.codingPath))"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not JSON" : "wrong value at \(Self.path(context.codingPath))"
        @unknown default: "it is no event"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
}
