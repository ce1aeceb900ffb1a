import Foundation
import WorkflowModel

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
