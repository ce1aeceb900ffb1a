import Testing

@testable import Git

@Suite struct CIContextTests {
    private static let pushed = String(repeating: "a", count: 40)
    private static let merge = String(repeating: "b", count: 40)

    @Test func `there is no context outside CI`() {
        #expect(detect(["GITHUB_SHA": Self.pushed]) == .none)
        #expect(detect(["GITHUB_ACTIONS": "", "GITLAB_CI": ""]) == .none)
    }

    @Test func `--ci overrides the environment`() {
        #expect(detect(["GITHUB_ACTIONS": "true"], .none) == .none)
        #expect(detect(["GITHUB_ACTIONS": "true"], .gitlab).provider == .gitlab)
        #expect(detect([:], .github).provider == .github)
    }

    // MARK: GitHub

    @Test func `a GitHub push has its commit and branch`() {
        let context = detect(github(["GITHUB_REF": "refs/heads/topic/x"]))
        #expect(context.commit?.description == Self.pushed)
        #expect(context.reference == .branch("topic/x"))
        #expect(context.origin == .environment)
        #expect(context.syntheticMerge == nil)
        #expect(context.runURL == "https://github.com/acme/agent/actions/runs/42")
    }

    @Test func `a GitHub tag push has the tag`() {
        #expect(detect(github(["GITHUB_REF": "refs/tags/v1"])).reference == .tag("v1"))
    }

    @Test func `a pull request has the commit at its head, and GITHUB_SHA is a merge`() {
        let context = detect(pullRequest, event: Self.pullRequestEvent(headRepository: "acme/agent"))
        #expect(context.commit?.description == Self.pushed)
        #expect(context.syntheticMerge?.description == Self.merge)
        #expect(context.reference == .branch("topic"))
        #expect(context.origin == .eventFile)
        #expect(context.changeNumber == 7)
        #expect(!context.isFromFork)
        #expect(context.warnings.isEmpty)
    }

    @Test(arguments: ["mallory/agent", nil])
    func `a pull request from a fork, deleted or not, is detected`(headRepository: String?) {
        #expect(detect(pullRequest, event: Self.pullRequestEvent(headRepository: headRepository)).isFromFork)
    }

    @Test(arguments: [nil, "not json", #"{"pull_request": {"number": "seven"}}"#])
    func `without a readable event a pull request has no commit`(event: String?) {
        let context = detect(pullRequest, event: event)
        #expect(context.commit == nil)
        #expect(context.syntheticMerge?.description == Self.merge)
        #expect(context.reference == .branch("topic"))
        #expect(context.warnings.count == 1)
        #expect(context.warnings.first?.contains("/event.json") == true)
    }

    @Test func `a merged, closed pull request has the base branch`() {
        let context = detect(
            github(["GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/heads/main"]),
            event: Self.pullRequestEvent(headRepository: "acme/agent"))
        #expect(context.commit?.description == Self.pushed)
        #expect(context.syntheticMerge == nil)
        #expect(context.reference == .branch("main"))
        #expect(context.changeNumber == 7)
    }

    @Test func `a workflow_run event has the commit of the triggering run`() {
        let context = detect(
            github(["GITHUB_EVENT_NAME": "workflow_run", "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": Self.merge]),
            event: """
                {"workflow_run": {"head_sha": "\(Self.pushed)", "head_branch": "topic",
                 "head_repository": {"full_name": "acme/agent"}}, "repository": {"full_name": "acme/agent"}}
                """)
        #expect(context.commit?.description == Self.pushed)
        #expect(context.reference == .branch("topic"))
        #expect(!context.isFromFork)
        #expect(context.syntheticMerge == nil)
    }

    // MARK: GitLab

    @Test func `a GitLab push has its commit and branch`() {
        let context = detect(gitlab(["CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"]))
        #expect(context.commit?.description == Self.pushed)
        #expect(context.reference == .branch("main"))
        #expect(context.runURL == "https://gitlab.example.com/acme/agent/-/jobs/9")
        #expect(context.syntheticMerge == nil)
    }

    @Test func `a GitLab tag pipeline has the tag`() {
        #expect(detect(gitlab(["CI_COMMIT_TAG": "v1", "CI_COMMIT_REF_NAME": "v1"])).reference == .tag("v1"))
    }

    @Test func `a merge request has its source branch`() {
        let context = detect(gitlab(mergeRequest))
        #expect(context.commit?.description == Self.pushed)
        #expect(context.reference == .branch("topic"))
        #expect(context.changeNumber == 7)
        #expect(context.syntheticMerge == nil)
        #expect(!context.isFromFork)
    }

    @Test func `a merged results pipeline has the newest commit of the source branch`() {
        let context = detect(
            gitlab(mergeRequest).merging([
                "CI_COMMIT_SHA": Self.merge, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": Self.pushed,
            ]) { $1 })
        #expect(context.commit?.description == Self.pushed)
        #expect(context.syntheticMerge?.description == Self.merge)
    }

    @Test func `an empty source branch SHA means no merge`() {
        let context = detect(gitlab(mergeRequest).merging(["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ""]) { $1 })
        #expect(context.commit?.description == Self.pushed)
        #expect(context.syntheticMerge == nil)
    }

    @Test func `a merge request from a fork is detected`() {
        #expect(
            detect(gitlab(mergeRequest).merging(["CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "mallory/agent"]) { $1 })
                .isFromFork)
    }

    // MARK: Set-up

    @Test(arguments: [
        ("{\"pull_request\"", "not JSON"), ("[]", "not a JSON object"),
        (#"{"pull_request": {"number": 7}}"#, "missing field pull_request.head"),
        (#"{"pull_request": {"number": "7"}}"#, "wrong type at pull_request.number"),
    ])
    func `an invalid event file of a pull request is an error with a reason`(event: String, reason: String) throws {
        let context = detect(pullRequest, event: event)
        let problem = try #require(context.unreadableEvent)
        #expect(problem.message == "cannot read event file /event.json: \(reason)")
        #expect(problem.hint?.contains("GITHUB_EVENT_PATH") == true)
        #expect(throws: problem) { try CommitSelection(ref: nil, sha: nil, head: nil, ci: context) }
        let sha = try #require(CommitID(Self.pushed))
        #expect(try CommitSelection(ref: nil, sha: sha, head: nil, ci: context).commit == sha)
    }

    @Test func `an invalid event file of a push is only a warning`() {
        var variables = github(["GITHUB_REF": "refs/heads/main"])
        variables["GITHUB_EVENT_PATH"] = "/event.json"
        let context = detect(variables, event: "{")
        #expect(context.unreadableEvent == nil)
        #expect(context.warnings == ["cannot read event file /event.json: not JSON"])
    }

    private struct Unreadable: Error {}

    private func detect(
        _ environment: [String: String], _ selection: CISelection = .auto, event: String? = nil
    ) -> CIContext {
        CIContext.detect(selection, environment: environment) { path in
            guard path == "/event.json", let event else { throw Unreadable() }
            return Array(event.utf8)
        }
    }

    private func github(_ extra: [String: String]) -> [String: String] {
        [
            "GITHUB_ACTIONS": "true", "GITHUB_SHA": Self.pushed, "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/agent", "GITHUB_RUN_ID": "42", "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": extra["GITHUB_EVENT_NAME"] == nil ? "" : "/event.json",
        ].merging(extra) { $1 }
    }

    private var pullRequest: [String: String] {
        github([
            "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": Self.merge,
            "GITHUB_HEAD_REF": "topic",
        ])
    }

    private static func pullRequestEvent(headRepository: String?) -> String {
        let repository = headRepository.map { #"{"full_name": "\#($0)"}"# } ?? "null"
        return """
            {"action": "opened", "pull_request": {"number": 7,
             "head": {"sha": "\(pushed)", "ref": "topic", "repo": \(repository)},
             "base": {"repo": {"full_name": "acme/agent"}}}}
            """
    }

    private func gitlab(_ extra: [String: String]) -> [String: String] {
        [
            "GITLAB_CI": "true", "CI_COMMIT_SHA": Self.pushed, "CI_PROJECT_PATH": "acme/agent",
            "CI_JOB_URL": "https://gitlab.example.com/acme/agent/-/jobs/9",
        ].merging(extra) { $1 }
    }

    private let mergeRequest = [
        "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "acme/agent", "CI_MERGE_REQUEST_PROJECT_PATH": "acme/agent",
        "CI_COMMIT_REF_NAME": "refs/merge-requests/7/head",
    ]
}
