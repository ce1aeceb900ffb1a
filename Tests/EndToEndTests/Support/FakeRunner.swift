import Foundation
import Git
import TestSupport
import Testing
import WorkflowModel

/// A machine that runs GitHub's jobs the way GitHub's runner does: its call of bash, its files, its signals, and its
/// reading of what a step prints. Actions other than ours are the few that the examples use.
///
/// scripts/conformance/github_runner.py runs every example in act, with needs and matrices. This one stays for what act
/// lacks: the environment's URL, values that a form refuses, log commands, secrets in job outputs, and the runner's order
/// of signals.
struct FakeRunner: Sendable {
    static let repository = "acme/agents"
    static let actionRepository = "acme/slipway"
    static let actionVersion = "0.1.0"

    /// Everything of the machine is in here.
    let folder: String
    let remote: GitFixture
    var secrets: [String: String] = [:]
    var variables: [String: String] = [:]
    /// Of the machine itself, before any workflow.
    var environment: [String: String]

    struct Event: Sendable {
        var name: String
        var sha: String
        var ref: String
        var payload: [String: Value] = [:]
    }

    /// A machine whose checkouts come from `remote`, and which has our action as a release of it would be.
    init(remote: GitFixture, releases: String? = nil) throws {
        self.remote = remote
        folder = remote.folder + "/runner-" + UUID().uuidString.prefix(8)
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder + "/home",
            "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "CI": "true", "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": Self.repository, "GITHUB_SERVER_URL": releases ?? "http://127.0.0.1:9",
            "GITHUB_RUN_ID": "4711", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_ACTOR": "ada",
            "RUNNER_TEMP": folder + "/temp", "RUNNER_TOOL_CACHE": folder + "/tools", "RUNNER_OS": "Linux",
            "GITHUB_WORKSPACE": folder + "/workspace",
        ]
        for part in ["home", "temp", "tools", "workspace", "files"] { try make(part) }
        try copyAction()
    }

    var workspace: String { folder + "/workspace" }

    /// Where the runner unpacks our action: the files of the repository that it needs, without its history.
    var action: String { folder + "/_actions/\(Self.actionRepository)/v0" }

    func make(_ part: String) throws {
        try FileManager.default.createDirectory(atPath: folder + "/" + part, withIntermediateDirectories: true)
    }

    private func copyAction() throws {
        try FileManager.default.createDirectory(atPath: action, withIntermediateDirectories: true)
        for part in ["action.yml", "setup"] {
            try FileManager.default.copyItem(atPath: Binaries.root + "/" + part, toPath: action + "/" + part)
        }
    }

    /// Puts what was built where a release of `actionVersion` would have been cached.
    ///
    /// A script in its place, so that nothing large is copied; it becomes slipway, as the action's shell does.
    func cacheRelease() throws {
        let sum = String(repeating: "0", count: 63) + "1"
        let cached = environment["RUNNER_TOOL_CACHE", default: ""] + "/slipway/\(Self.actionVersion)/\(sum)"
        try FileManager.default.createDirectory(atPath: cached + "/bin", withIntermediateDirectories: true)
        try Self.writeProgram("exec '\(Binaries.slipway)' \"$@\"", at: cached + "/bin/slipway")
        try Data().write(to: URL(filePath: cached + ".complete"))
        try addChecksum(sum)
    }

    /// Adds a line to the action's own table.
    func addChecksum(_ sum: String, machine: String = Self.machine) throws {
        let line = "\(sum)  slipway-\(Self.actionVersion)-\(machine).tar.gz\n"
        let table = URL(filePath: action + "/setup/checksums.txt")
        try Data((String(contentsOf: table, encoding: .utf8) + line).utf8).write(to: table)
    }

    /// Another process writes it: a child of this one, started meanwhile, would hold it open, and what is open for
    /// writing cannot be executed.
    static func writeProgram(_ script: String, at path: String) throws {
        let text = FileManager.default.temporaryDirectory.appending(path: "slipway-program-\(UUID().uuidString)")
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: text)
        defer { try? FileManager.default.removeItem(at: text) }
        let install = Process()
        install.executableURL = URL(filePath: "/usr/bin/install")
        install.arguments = ["-m", "755", text.path, path]
        try install.run()
        install.waitUntilExit()
    }

    #if arch(arm64)
        static let machine = "linux-aarch64"
    #else
        static let machine = "linux-x86_64"
    #endif

    func file(_ name: String) -> String { folder + "/files/" + name }

    static func text(of path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}

extension FakeRunner {
    /// The contexts that a workflow's expressions begin with; writes the event file that goes with them.
    func contexts(of event: Event) throws -> [String: Value] {
        let payload = Value.object(event.payload.merging(["repository": repositoryValue]) { $1 })
        try JSONEncoder().encode(payload).write(to: URL(filePath: file("event.json")))
        let name = event.ref.split(separator: "/", maxSplits: 2).dropFirst(2).joined()
        let head = payload["pull_request"]["head"]["ref"]
        let github: [String: Value] = [
            "event_name": .string(event.name), "event": payload, "sha": .string(event.sha), "ref": .string(event.ref),
            "ref_name": .string(name), "head_ref": head, "repository": .string(Self.repository),
            "workspace": .string(workspace), "token": .string("ghs_" + String(repeating: "t", count: 36)),
            "run_id": "4711", "actor": "ada", "server_url": .string(environment["GITHUB_SERVER_URL"] ?? ""),
            "action_repository": "",
        ]
        return [
            "github": .object(github), "secrets": .object(secrets.mapValues { .string($0) }),
            "vars": .object(variables.mapValues { .string($0) }),
            "runner": .object(["temp": .string(folder + "/temp")]),
            "steps": .object([:]), "needs": .object([:]), "matrix": .object([:]), "env": .object([:]),
        ]
    }

    private var repositoryValue: Value {
        .object(["full_name": .string(Self.repository), "default_branch": "main"])
    }

    /// The variables that go with the context `github`.
    func eventEnvironment(_ github: Value, job: String) -> [String: String] {
        [
            "GITHUB_EVENT_NAME": github["event_name"].text, "GITHUB_EVENT_PATH": file("event.json"),
            "GITHUB_SHA": github["sha"].text, "GITHUB_REF": github["ref"].text,
            "GITHUB_REF_NAME": github["ref_name"].text, "GITHUB_HEAD_REF": github["head_ref"].text,
            "GITHUB_JOB": job,
        ]
    }

    /// What a person filled in, or the defaults. Throws `Refused` as GitHub's form and API would.
    func dispatchInputs(_ declared: Value, given: Value) throws -> Value {
        var values: [String: Value] = [:]
        for (name, input) in declared.members {
            let value = given.members[name] ?? input["default"]
            if input["required"] == true, value == .null || value == "" { throw Refused(reason: "\(name) is required") }
            if input["type"] == "choice", !input["options"].elements.contains(value) {
                throw Refused(reason: "\(name) has no option \(value.text)")
            }
            values[name] = value == .null ? "" : value
        }
        for name in given.members.keys where values[name] == nil { throw Refused(reason: "there is no input \(name)") }
        return .object(values)
    }
}

/// The actions of others that the examples use, as far as they matter here.
extension FakeRunner {
    /// As actions/checkout does: the work tree is at the event's commit, on its branch if it has one, and one commit
    /// deep unless told otherwise; no tags.
    func checkout(_ with: [String: String], in state: inout JobState) async throws -> [String: String] {
        let github = state.contexts["github"] ?? .null
        var wanted = with["ref"] ?? ""
        var branch: String?
        if wanted.isEmpty {
            wanted = github["sha"].text
            let ref = github["ref"].text
            if ref.hasPrefix("refs/heads/") { branch = String(ref.dropFirst("refs/heads/".count)) }
        } else if wanted.count != 40 {
            branch = wanted
            wanted = "refs/heads/" + wanted
        }
        let depth = with["fetch-depth"] == "0" ? [] : ["--depth=1"]
        try? FileManager.default.removeItem(atPath: workspace)
        try make("workspace")
        try await git(["init", "--quiet", "."])
        try await git(["remote", "add", "origin", "file://" + remote.path])
        let target = branch.map { "refs/remotes/origin/" + $0 } ?? "refs/slipway/checkout"
        try await git(["fetch", "--quiet", "--no-tags"] + depth + ["origin", "+\(wanted):\(target)"])
        if let branch {
            try await git(["checkout", "--quiet", "--force", "-B", branch, target])
        } else {
            try await git(["checkout", "--quiet", "--force", "--detach", target])
        }
        return [:]
    }

    private func git(_ arguments: [String]) async throws {
        let ending = try await ScriptProcess(environment: environment, folder: workspace)
            .run("/usr/bin/env", ["git", "-c", "advice.detachedHead=false"] + arguments)
        guard ending.code == 0 else { throw Refused(reason: ending.lines.joined(separator: "\n")) }
    }

    /// Finding nothing is a failure, as with `if-no-files-found: error`.
    func upload(_ with: [String: String], in state: inout JobState) throws -> [String: String] {
        for path in (with["path"] ?? "").split(separator: "\n").map(String.init) {
            let full = path.hasPrefix("/") ? path : workspace + "/" + path
            guard FileManager.default.fileExists(atPath: full) else { throw Refused(reason: "nothing at \(path)") }
        }
        return [:]
    }
}

/// The GitHub examples on a machine of their own, with a control plane beside it.
enum GitHubTrial {
    /// A repository with a good commit, a plane that serves it, and a machine that runs its jobs.
    static func withPlane(
        build: String? = nil, _ body: (Sandbox, FakeRunner, _ sha: String) async throws -> Void
    ) async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit(build: build, "First")
        try await sandbox.serving { plane in
            var runner = try FakeRunner(remote: sandbox.repository)
            try runner.cacheRelease()
            let url = try #require(plane.lines.last?.split(separator: " ").last)
            runner.variables["LANGSMITH_CONTROL_PLANE"] = String(url)
            let key = FakeRunner.text(of: sandbox.state + "/control-plane/key")
            runner.secrets["LANGSMITH_API_KEY"] = key.trimmingCharacters(in: .whitespacesAndNewlines)
            try await body(sandbox, runner, sha)
        }
    }

    static func example(_ name: String) -> String { Binaries.root + "/examples/github/\(name).yml" }

    static func push(_ sha: String) -> FakeRunner.Event { .init(name: "push", sha: sha, ref: "refs/heads/main") }

    static let outputs = [
        "result", "run-id", "deployment-id", "deployment-url", "dashboard-url", "revision-id", "previous-revision-id",
        "live-revision-id", "commit-sha", "changed", "report-path", "run-json",
    ]

    /// The example deploy with every output of the action as an output of its job.
    static func deployWithOutputs() throws -> Value {
        let workflow = try CIDocument.read(example("deploy"))
        let outputs = Dictionary(
            uniqueKeysWithValues: Self.outputs.map { ($0, Value.string("${{ steps.slipway.outputs.\($0) }}")) })
        let job = workflow["jobs"]["deploy"].members.merging(["outputs": .object(outputs)]) { $1 }
        return .object(workflow.members.merging(["jobs": .object(["deploy": .object(job)])]) { $1 })
    }

    /// A pull request of a branch with one commit on it, and the merge that GitHub would make of it.
    static func pullRequest(in sandbox: Sandbox, action: String) async throws -> (FakeRunner.Event, head: String) {
        let repository = sandbox.repository
        try await repository.git("checkout", "--quiet", "-B", "feature", "main")
        let head = try await sandbox.commit(build: "true && true", "Feature")
        try await repository.git("checkout", "--quiet", "--detach", "main")
        try await repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "feature")
        let merge = try await repository.id(of: "HEAD").description
        try await repository.git("update-ref", "refs/pull/7/merge", "HEAD")
        try await repository.git("checkout", "--quiet", "main")
        let side: Value = .object(["full_name": .string(FakeRunner.repository)])
        let change: Value = .object([
            "number": .number(7), "base": .object(["repo": side]),
            "head": .object(["sha": .string(head), "ref": "feature", "repo": side]),
        ])
        let event = FakeRunner.Event(
            name: "pull_request", sha: merge, ref: "refs/pull/7/merge",
            payload: ["action": .string(action), "pull_request": change])
        return (event, head)
    }
}
