import Foundation
import WorkflowModel

/// What became of a workflow, by the job's id.
struct WorkflowRun: Sendable {
    var jobs: [String: JobRun] = [:]

    subscript(_ job: String) -> JobRun { jobs[job] ?? JobRun(result: "missing") }
}

/// What became of a job.
struct JobRun: Sendable {
    var result: String
    var outputs: [String: String] = [:]
    var environmentName: String?
    var environmentURL: String?
    var steps: [StepRun] = []

    /// The last step that ran our action, or any other with the name.
    func step(_ name: String) -> StepRun? { steps.last { $0.name == name } }
    var lines: [String] { steps.flatMap(\.lines) }
    var commands: [WorkflowCommand] { WorkflowCommand.all(in: lines) }
}

/// What became of a step, those of a composite action included.
struct StepRun: Sendable {
    var name: String
    var code: Int32
    var lines: [String] = []
    var summary = ""
    var signals = 0
}

extension FakeRunner {
    struct Refused: Error {
        var reason: String
    }

    /// Runs the jobs of a workflow file, which need nothing of each other. `stopsAt` cancels the run at a line it prints.
    func run(
        _ path: String, event: Event, stopsAt: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> WorkflowRun {
        try await run(CIDocument.read(path), event: event, stopsAt: stopsAt)
    }

    func run(
        _ workflow: Value, event: Event, stopsAt: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> WorkflowRun {
        let triggers = workflow["on"]
        guard triggers.members[event.name] != nil || triggers.elements.contains(.string(event.name)) else {
            throw Refused(reason: "the workflow is not triggered by \(event.name)")
        }
        var contexts = try contexts(of: event)
        contexts["inputs"] = try dispatchInputs(triggers[event.name]["inputs"], given: event.payload["inputs"] ?? .null)
        var run = WorkflowRun()
        for (id, job) in workflow["jobs"].members {
            guard job["needs"] == .null, job["strategy"] == .null else {
                throw Refused(reason: "job \(id) has needs or a matrix, which act runs")
            }
            run.jobs[id] = try await perform(job, id: id, workflow: workflow, contexts: contexts, stopsAt: stopsAt)
        }
        return run
    }

    private func perform(
        _ job: Value, id: String, workflow: Value, contexts: [String: Value],
        stopsAt: @escaping @Sendable (String) -> Bool
    ) async throws -> JobRun {
        guard try GitHubExpressions(contexts: contexts).isTrue(job["if"]) else { return JobRun(result: "skipped") }
        var state = JobState(contexts: contexts, stopsAt: stopsAt)
        state.environment = environment.merging(eventEnvironment(contexts["github"] ?? .null, job: id)) { $1 }
        for scope in [workflow, job] {
            for (name, value) in scope["env"].members { state.environment[name] = try state.text(value) }
        }
        try await perform(job["steps"].elements, in: &state)
        var run = JobRun(result: state.status.rawValue, steps: state.steps)
        for (name, value) in job["outputs"].members {
            let text = try state.text(value)
            // The runner drops what holds a secret, without a failure.
            if !state.masks.contains(where: text.contains) { run.outputs[name] = text }
        }
        run.environmentName = try state.text(job["environment"]["name"])
        let url = try state.text(job["environment"]["url"])
        run.environmentURL = url.isEmpty ? nil : url
        return run
    }
}

/// A job that is under way.
struct JobState {
    enum Status: String { case success, failure, cancelled }

    var contexts: [String: Value]
    var environment: [String: String] = [:]
    var status = Status.success
    var steps: [StepRun] = []
    var masks: [String] = []
    let stopsAt: @Sendable (String) -> Bool

    init(contexts: [String: Value], stopsAt: @escaping @Sendable (String) -> Bool) {
        self.contexts = contexts
        self.stopsAt = stopsAt
        masks = contexts["secrets"]?.members.values.map(\.text) ?? []
    }

    var expressions: GitHubExpressions {
        var contexts = contexts
        contexts["env"] = .object(environment.mapValues { .string($0) })
        let status: GitHubExpressions.Status =
            switch self.status {
            case .success: .success
            case .failure: .failure
            case .cancelled: .cancelled
            }
        return GitHubExpressions(contexts: contexts, status: status)
    }

    func text(_ value: Value) throws -> String { try expressions.text(value) }
}

extension FakeRunner {
    func perform(_ steps: [Value], in state: inout JobState) async throws {
        for step in steps where try state.expressions.isTrue(step["if"]) {
            let outer = state.environment
            for (name, value) in step["env"].members { state.environment[name] = try state.text(value) }
            let before = state.environment
            let outputs =
                step["uses"] == .null ? try await script(step, in: &state) : try await action(step, in: &state)
            // Only what the step itself did to the environment of the job outlives it.
            let added = state.environment.filter { before[$0.key] != $0.value }
            state.environment = outer.merging(added) { $1 }
            if let id = step["id"].string {
                state.contexts["steps"] = .object(
                    (state.contexts["steps"]?.members ?? [:]).merging([
                        id: .object(["outputs": .object(outputs.mapValues { .string($0) })])
                    ]) { $1 })
            }
        }
    }

    /// `shell: bash` and `shell: sh` are calls of their own; without a shell it is bash without `pipefail`.
    private func script(_ step: Value, in state: inout JobState) async throws -> [String: String] {
        guard let text = step["run"].string else { throw Refused(reason: "a step has neither run nor uses") }
        guard !Template.contains(in: text) else { throw Refused(reason: "an expression in a script: \(text)") }
        let path = file(UUID().uuidString + ".sh")
        try Data(text.utf8).write(to: URL(filePath: path))
        let shell = step["shell"] == "sh" ? "/bin/sh" : "/bin/bash"
        let flags = step["shell"] == "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"]
        let files = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GITHUB_ENV"].map {
            ($0, file(UUID().uuidString))
        }
        for (_, path) in files { try Data().write(to: URL(filePath: path)) }
        let paths = Dictionary(uniqueKeysWithValues: files)
        let folder = try state.text(step["working-directory"])
        let process = ScriptProcess(
            environment: state.environment.merging(paths) { $1 },
            folder: folder.hasPrefix("/") ? folder : workspace + "/" + (folder.isEmpty ? "." : folder))
        let ending = try await process.run(shell, flags + [path], stopsAt: state.stopsAt)
        let contents = paths.mapValues(Self.text)
        state.masks += WorkflowCommand.all(in: ending.lines).filter { $0.name == "add-mask" }.map(\.data)
        let name = try state.text(step["name"])
        state.steps.append(
            StepRun(
                name: name.isEmpty ? text : name, code: ending.code, lines: ending.lines,
                summary: contents["GITHUB_STEP_SUMMARY"] ?? "", signals: ending.signals))
        if ending.code != 0, step["continue-on-error"] != true {
            state.status = ending.signals > 0 ? .cancelled : .failure
        }
        for line in (contents["GITHUB_PATH"] ?? "").split(separator: "\n") {
            state.environment["PATH"] = line + ":" + state.environment["PATH", default: ""]
        }
        state.environment.merge(try CommandFile.values(in: contents["GITHUB_ENV"] ?? "")) { $1 }
        return try CommandFile.values(in: contents["GITHUB_OUTPUT"] ?? "")
    }

    private func action(_ step: Value, in state: inout JobState) async throws -> [String: String] {
        let name = step["uses"].text
        let with = try step["with"].members.mapValues { try state.text($0) }
        let ours = "\(Self.actionRepository)@v0"
        switch name.replacingOccurrences(of: "OWNER/", with: "acme/") {
        case ours: return try await composite(action, with, in: &state)
        case ours.replacingOccurrences(of: "@", with: "/setup@"):
            return try await composite(action + "/setup", with, in: &state)
        case let name where name.hasPrefix("actions/checkout@"): return try await checkout(with, in: &state)
        case let name where name.hasPrefix("actions/upload-artifact@"): return try upload(with, in: &state)
        default: throw Refused(reason: "this runner has no action \(name)")
        }
    }

    /// Its inputs are a context and nothing else: no variable is made of them.
    private func composite(
        _ path: String, _ with: [String: String], in state: inout JobState
    ) async throws -> [String: String] {
        let definition = try CIDocument.read(path + "/action.yml")
        for name in with.keys where definition["inputs"].members[name] == nil {
            throw Refused(reason: "\(path) has no input \(name)")
        }
        let outer = state.contexts
        var github = outer["github"]?.members ?? [:]
        github["action_repository"] = .string(Self.actionRepository)
        state.contexts["github"] = .object(github)
        var inputs: [String: Value] = [:]
        for (name, input) in definition["inputs"].members {
            inputs[name] = .string(try with[name] ?? state.text(input["default"]))
        }
        state.contexts["inputs"] = .object(inputs)
        state.contexts["steps"] = .object([:])
        state.environment["GITHUB_ACTION_PATH"] = path
        try await perform(definition["runs"]["steps"].elements, in: &state)
        let outputs = try definition["outputs"].members.mapValues { try state.text($0["value"]) }
        state.contexts = outer
        return outputs
    }
}
