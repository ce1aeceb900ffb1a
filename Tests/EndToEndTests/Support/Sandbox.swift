import ControlPlaneTypes
import Foundation
import Git
import TestSupport
import Testing

/// A repository with a small agent, a state folder, and the built binary to run in them.
struct Sandbox: Sendable {
    let repository: GitFixture
    let state: String
    /// Before the folders of programs, with a colon at the end.
    var path = ""

    init() async throws {
        repository = try await GitFixture()
        state = repository.folder + "/state"
        try repository.write("agent.py", String(contentsOfFile: Binaries.agent, encoding: .utf8))
    }

    /// Commits the agent with these commands around it.
    @discardableResult
    func commit(build: String? = nil, start: String? = nil, health: String = "/ok", _ message: String) async throws
        -> String
    {
        var command: [String: Any] = [
            "start": start ?? "exec python3 agent.py --port {port}", "health": health, "start_timeout": 60,
            "stop_timeout": 2,
        ]
        command["build"] = build
        let data = try JSONSerialization.data(withJSONObject: ["command": command], options: [.sortedKeys])
        try repository.write("langgraph.json", String(decoding: data, as: UTF8.self))
        return try await repository.commit(message).description
    }

    var environment: [String: String] {
        let outer = ProcessInfo.processInfo.environment
        // `make conformance` names a file for all sandboxes, and checks it with another validator.
        return ["SLIPWAY_RECORD_REQUESTS": outer["SLIPWAY_RECORD_REQUESTS"] ?? requests].merging([
            "PATH": path + (outer["PATH"] ?? "/usr/bin:/bin"), "HOME": repository.folder,
            "LANG": "C.UTF-8", "SLIPWAY_STATE_DIR": state, "GIT_CONFIG_NOSYSTEM": "1",
        ]) { $1 }
    }

    /// Runs a printed command line in another folder, with nothing but a key in the environment.
    func typed(_ line: String, in folder: String, key: String? = nil) async throws -> Finished {
        let path = environment["PATH"] ?? ""
        var variables = ["PATH": "\(Binaries.folder):\(path)", "HOME": repository.folder, "GIT_CONFIG_NOSYSTEM": "1"]
        variables["LANGSMITH_API_KEY"] = key
        return try await Program(environment: variables, folder: folder).run("/bin/sh", ["-c", line])
    }

    /// Runs `slipway` to its end.
    func slipway(_ arguments: String..., environment extra: [String: String] = [:]) async throws -> Finished {
        try await Program(environment: environment.merging(extra) { $1 }, folder: repository.path)
            .run(Binaries.slipway, arguments)
    }

    func deploy(
        _ arguments: String..., during: (Running) async throws -> Void = { _ in }
    ) async throws -> Finished {
        try await deploy(arguments, during: during)
    }

    /// Deploys to the local plane, with an event a line on standard output; `during` may watch and act.
    func deploy(
        _ arguments: [String], name: String = "agent", during: (Running) async throws -> Void = { _ in }
    ) async throws -> Finished {
        let base = ["deploy", "--control-plane", "local", "--deployment", name, "--output", "jsonl"]
        return try await Program(environment: environment, folder: repository.path)
            .run(Binaries.slipway, base + ["--json", report, "--junit", junit] + arguments, during: during)
    }

    /// Deploys to the running local plane as another machine would.
    func deployElsewhere(_ arguments: String...) async throws -> Finished {
        try await slipwayElsewhere(["deploy", "--deployment", "agent", "--repo-url", repository.path] + arguments)
    }

    /// Runs a command on the running local plane as another machine would, which does not see this one's locks and journals.
    func slipwayElsewhere(_ arguments: [String], in clone: GitFixture? = nil) async throws -> Finished {
        let plane = try JSONDecoder().decode(
            Plane.self, from: Data(contentsOf: URL(filePath: state + "/control-plane/plane.json")))
        let connection = [
            "--control-plane", plane.url, "--api-key-file", state + "/control-plane/key", "--state-dir",
            repository.folder + "/other",
        ]
        return try await Program(environment: environment, folder: (clone ?? repository).path)
            .run(Binaries.slipway, arguments + connection)
    }

    private struct Plane: Decodable {
        var url: String
        var pid: Int32
    }

    /// The local control plane that runs now.
    var planeProcess: Int32 {
        get throws {
            let file = URL(filePath: state + "/control-plane/plane.json")
            return try JSONDecoder().decode(Plane.self, from: Data(contentsOf: file)).pid
        }
    }

    /// How many revisions the running local plane has of the agent.
    func revisionCount() async throws -> Int {
        let folder = state + "/control-plane"
        let plane = try JSONDecoder().decode(Plane.self, from: Data(contentsOf: URL(filePath: folder + "/plane.json")))
        let answer = try await Program(environment: environment, folder: repository.folder)
            .run("/usr/bin/env", ["python3", "-c", Self.count, plane.url, folder + "/key"])
        return try #require(Int(answer.output.joined()), "\(answer.errors)")
    }

    /// Keeps a local control plane of this sandbox running for as long as `body` takes.
    func serving<Answer>(_ arguments: String..., body: (Running) async throws -> Answer) async throws -> Answer {
        var answer: Answer?
        let ending = try await Program(environment: environment, folder: repository.path)
            .run(Binaries.slipway, ["serve", "--repo", repository.path] + arguments) { plane in
                try await plane.line { $0.hasPrefix("control plane: ") }
                answer = try await body(plane)
                plane.send(SIGTERM)
            }
        #expect(ending.code == 0 || ending.code == -Int32(SIGKILL), "\(ending.errors)")
        try checkRequests()
        return try #require(answer)
    }

    private var requests: String { repository.folder + "/requests.jsonl" }

    /// How many requests the local plane has recorded.
    var requestCount: Int {
        get throws { try String(contentsOfFile: requests, encoding: .utf8).split(separator: "\n").count }
    }

    /// Fails the test for each request to the local plane that the description of the API does not allow.
    private func checkRequests() throws {
        guard FileManager.default.fileExists(atPath: requests) else { return }
        let document = try OpenAPIDocument.project.get()
        for line in try String(contentsOfFile: requests, encoding: .utf8).split(separator: "\n") {
            let request = try JSONDecoder().decode(RecordedRequest.self, from: Data(line.utf8))
            // A refused request may be one that a test made wrong.
            guard request.status < 400 else { continue }
            let query = URLComponents(string: "?" + (request.query ?? ""))?.queryItems ?? []
            let problems = document.problems(
                inRequest: request.method, path: request.path,
                query: query.filter { !$0.name.isEmpty }.map { (name: $0.name, value: $0.value ?? "") },
                body: request.body)
            for problem in problems { Issue.record("\(problem)") }
        }
    }

    private struct RecordedRequest: Decodable {
        var method: String
        var path: String
        var query: String?
        var body: JSONValue?
        var status: Int
    }

    var report: String { repository.folder + "/report.json" }

    var junit: String { repository.folder + "/TEST-report.xml" }

    /// The JSON report of the last deploy.
    func readReport() throws -> Report {
        try Self.decoder.decode(Report.self, from: Data(contentsOf: URL(filePath: report)))
    }

    /// What the agent behind `url` says of itself.
    func revision(at url: String?) async throws -> String {
        let address = try #require(url.flatMap { URL(string: $0 + "/info") })
        let answer = try await Program(environment: environment, folder: repository.folder)
            .run("/usr/bin/env", ["python3", "-c", Self.fetch, address.absoluteString])
        let info = try Self.decoder.decode(Info.self, from: Data(answer.output.joined().utf8))
        return info.revisionId
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    private struct Info: Decodable {
        var revisionId: String
    }

    private static let fetch =

        "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"

    private static let count = """
        import json, sys, urllib.request as u
        plane, key = sys.argv[1], open(sys.argv[2]).read().strip()
        def get(path):
            request = u.Request(plane + path, headers={"X-Api-Key": key})
            return json.load(u.urlopen(request, timeout=5))
        deployment = get("/v2/deployments")["resources"][0]["id"]
        print(len(get(f"/v2/deployments/{deployment}/revisions?limit=100")["resources"]))
        """
}

/// Where the built binaries and the example agent lie.
enum Binaries {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// `SLIPWAY_BIN` names another folder, such as that of a release build.
    static let folder = ProcessInfo.processInfo.environment["SLIPWAY_BIN"] ?? root + "/.build/debug"

    static let slipway = folder + "/slipway"

    static let agent = root + "/examples/agent/agent.py"
}

/// Holds builds back until the test lets them go.
struct Gate: Sendable {
    private let path: String

    init(in folder: String, name: String = "gate") {
        path = folder + "/" + name
    }

    /// A build command that waits at the gate; a build that somebody forgets ends by itself.
    var command: String { "for i in $(seq 600); do test -e '\(path)' && exit 0; sleep 0.1; done; exit 9" }

    func open() throws {
        try Data().write(to: URL(filePath: path))
    }

    func close() throws {
        try FileManager.default.removeItem(atPath: path)
    }
}

/// The keys of the JSON report that these tests look at, as docs/reports.md promises them.
struct Report: Decodable {
    struct Commit: Decodable {
        var sha: String?
    }

    struct Deployment: Decodable {
        var id: String?
        var name: String?
        var url: String?
        var created: Bool?
    }

    struct Revision: Decodable {
        var id: String?
        var status: String?
        var commitSha: String?
    }

    struct Rollback: Decodable {
        var attempted: Bool
        var toRevisionId: String?
        var revisionId: String?
        var result: String?
    }

    struct Step: Decodable {
        var job: String
        var id: String
        var result: String
    }

    struct Requests: Decodable {
        var total: Int
        var byEndpoint: [String: Int]
    }

    var result: String
    var exitCode: Int32
    var commit: Commit?
    var deployment: Deployment?
    var revision: Revision?
    var previousRevisionId: String?
    var liveRevisionId: String?
    var rollback: Rollback?
    var steps: [Step]
    var requests: Requests
}
