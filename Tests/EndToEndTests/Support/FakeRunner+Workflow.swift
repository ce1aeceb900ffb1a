import Foundation
import WorkflowModel

/// What became of a workflow.
struct WorkflowRun: Sendable {
    /// By the job's id; the rows of a matrix are `id (value, value)`.
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

    /// Runs the jobs of a workflow file in the order of their needs. `stopsAt` cancels the run at a line it prints.
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
        var waiting = workflow["jobs"].members
        while let (id, job) = waiting.first(where: { $0.value["needs"].elements.allSatisfy { waiting[$0.text] == nil } }
        ) {
            waiting[id] = nil
            let needs = job["needs"].elements.map(\.text)
            contexts["needs"] = .object(
                Dictionary(uniqueKeysWithValues: needs.map { ($0, run.summary(of: $0)) }))
            let isReady = needs.allSatisfy { run.summary(of: $0)["result"] == "success" }
            for row in rows(of: job) {
                contexts["matrix"] = .object(row)
                let name =
                    row.isEmpty
                    ? id : id + " (" + row.sorted { $0.key < $1.key }.map(\.value.text).joined(separator: ", ") + ")"
                run.jobs[name] = try await perform(
                    job, id: id, workflow: workflow, contexts: contexts, isReady: isReady, stopsAt: stopsAt)
            }
        }
        guard waiting.isEmpty else { throw Refused(reason: "the needs of \(waiting.keys.sorted()) are a circle") }
        return run
    }

    private func rows(of job: Value) -> [[String: Value]] {
        let matrix = job["strategy"]["matrix"]
        let included = matrix["include"].elements.map(\.members)
        var rows: [[String: Value]] = [[:]]
        for (key, values) in matrix.members.sorted(by: { $0.key < $1.key }) where key != "include" {
            rows = rows.flatMap { row in values.elements.map { row.merging([key: $0]) { $1 } } }
        }
        return included.isEmpty ? rows : (rows == [[:]] ? included : rows + included)
    }

    private func perform(
        _ job: Value, id: String, workflow: Value, contexts: [String: Value], isReady: Bool,
        stopsAt: @escaping @Sendable (String) -> Bool
    ) async throws -> JobRun {
        var expressions = GitHubExpressions(contexts: contexts)
        expressions.status = isReady ? .success : .failure
        guard try expressions.isTrue(job["if"]) else { return JobRun(result: "skipped") }
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

extension WorkflowRun {
    /// The context `needs`; a matrix has succeeded when all its rows have.
    fileprivate func summary(of job: String) -> Value {
        let rows = jobs.filter { $0.key == job || $0.key.hasPrefix(job + " (") }.values
        let failed = rows.first { $0.result != "success" }
        let outputs = rows.reduce(into: [String: String]()) { $0.merge($1.outputs) { $1 } }
        return .object([
            "result": .string(failed?.result ?? (rows.isEmpty ? "missing" : "success")),
            "outputs": .object(outputs.mapValues { .string($0) }),
        ])
    }
}
