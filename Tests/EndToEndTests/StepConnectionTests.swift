import Foundation
import TestSupport
import Testing

/// Steps that name a control plane of their own, with the built binary and two local control planes.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct StepConnectionTests {
    private struct Plane {
        var url: String
        var key: String
    }

    private func plane(_ running: Running, of sandbox: Sandbox) throws -> Plane {
        let line = try #require(running.lines.last { $0.hasPrefix("control plane: ") })
        let key = try String(contentsOfFile: sandbox.state + "/control-plane/key", encoding: .utf8)
        return Plane(url: String(line.dropFirst("control plane: ".count)), key: key.filter { !$0.isWhitespace })
    }

    /// Runs `slipway` in a repository, with other variables than those of its sandbox.
    private func slipway(
        _ arguments: [String], in sandbox: Sandbox, _ variables: [String: String],
        during: (Running) async throws -> Void = { _ in }
    ) async throws -> Finished {
        let environment = sandbox.environment.filter { !$0.key.contains("API_KEY") }.merging(variables) { $1 }
        return try await Program(environment: environment, folder: sandbox.repository.path)
            .run(Binaries.slipway, arguments, during: during)
    }

    private func write(_ text: String, in sandbox: Sandbox) throws -> String {
        let path = sandbox.repository.folder + "/workflow.yml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func liveCommits(of plane: Plane, _ sandbox: Sandbox) async throws -> String {
        let status = try await slipway(
            ["status", "agent", "--control-plane", plane.url, "--output", "json"], in: sandbox,
            ["LANGSMITH_API_KEY": plane.key])
        return status.output.joined(separator: "\n") + status.errors
    }

    @Test func `each row deploys to its own control plane with its own key, and the run needs none`() async throws {
        let (sandbox, other) = (try await Sandbox(), try await Sandbox())
        let sha = try await sandbox.commit("First")
        try await sandbox.serving { first in
            try await other.serving { second in
                let planes = [try plane(first, of: sandbox), try plane(second, of: other)]
                let path = try write(
                    """
                    version: 1
                    name: planes
                    jobs:
                      deploy:
                        strategy:
                          max-parallel: 1
                          matrix:
                            plane: ["\(planes[0].url)", "\(planes[1].url)"]
                            include:
                              - {plane: "\(planes[0].url)", key: LANGSMITH_API_KEY_US}
                              - {plane: "\(planes[1].url)", key: LANGSMITH_API_KEY_EU}
                        steps:
                          - run: test -z "$LANGSMITH_API_KEY_US$LANGSMITH_API_KEY_EU"
                          - uses: deploy
                            with:
                              deployment: agent
                              source: internal_source
                              smoke: /ok
                              control-plane: ${{ matrix.plane }}
                              api-key-variable: ${{ matrix.key }}
                    """, in: sandbox)
                let keys = ["LANGSMITH_API_KEY_US": planes[0].key, "LANGSMITH_API_KEY_EU": planes[1].key]
                let planned = try await slipway(["plan", path, "--detailed-exitcode"], in: sandbox, keys)
                #expect(planned.code == 2, "\(planned.errors)")
                let ran = try await slipway(["run", path, "--output", "jsonl"], in: sandbox, keys)
                #expect(ran.code == 0, "\(ran.errors)")
                for plane in planes {
                    let status = try await liveCommits(of: plane, sandbox)
                    #expect(status.contains(sha), "\(plane.url): \(status)")
                    #expect(!(ran.errors + ran.output.joined()).contains(plane.key))
                }
            }
        }
    }

    @Test func `the key of the run is not sent to the host that a step names`() async throws {
        let (sandbox, other) = (try await Sandbox(), try await Sandbox())
        try await sandbox.commit("First")
        try await other.serving { second in
            let plane = try plane(second, of: other)
            let path = try write(
                """
                version: 1
                name: other
                jobs:
                  a:
                    steps:
                      - uses: deploy
                        with: {deployment: agent, source: internal_source, control-plane: "\(plane.url)"}
                """, in: sandbox)
            #expect(try await sandbox.slipway("validate", path).code == 0)
            let requests = try? other.requestCount
            let base = ["run", path, "--control-plane", "http://127.0.0.1:1"]
            let ran = try await slipway(base, in: sandbox, ["LANGSMITH_API_KEY": "the-key-of-the-run"])
            #expect(ran.code == 78, "\(ran.errors)")
            #expect(ran.errors.contains("no API key for \(plane.url)") && ran.errors.contains("api-key-variable"))
            #expect((try? other.requestCount) == requests)
        }
    }

    @Test(arguments: [("GITHUB_TOKEN", "invalid api-key-variable"), ("LANGSMITH_API_KEY_EU", "is not set")])
    func `only a variable for keys that is set is used`(variable: String, message: String) async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let path = try write(
            """
            version: 1
            name: other
            jobs:
              a:
                steps:
                  - uses: delete-deployment
                    with: {deployment: agent, control-plane: "http://127.0.0.1:1", api-key-variable: \(variable)}
            """, in: sandbox)
        let ran = try await slipway(["run", path], in: sandbox, ["GITHUB_TOKEN": "a-token-of-somebody"])
        #expect(ran.code == 78, "\(ran.errors)")
        #expect(ran.errors.contains(message), "\(ran.errors)")
    }

    @Test func `a run that was killed goes on at the control plane of its step`() async throws {
        let (sandbox, other) = (try await Sandbox(), try await Sandbox())
        let gate = Gate(in: sandbox.repository.folder)
        let sha = try await sandbox.commit(build: gate.command, "Slow")
        try await other.serving { second in
            let plane = try plane(second, of: other)
            let path = try write(
                """
                version: 1
                name: other
                jobs:
                  a:
                    steps:
                      - uses: deploy
                        with:
                          deployment: agent
                          source: internal_source
                          control-plane: "\(plane.url)"
                          api-key-variable: LANGSMITH_API_KEY_EU
                """, in: sandbox)
            let keys = ["LANGSMITH_API_KEY_EU": plane.key]
            let killed = try await slipway(["run", path, "--output", "jsonl"], in: sandbox, keys) { run in
                try await run.line { $0.contains("\"BUILDING\"") }
                run.send(SIGKILL)
            }
            #expect(killed.code == -SIGKILL, "\(killed.errors)")
            try gate.open()
            let resumed = try await slipway(["resume"], in: sandbox, keys)
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(try await liveCommits(of: plane, sandbox).contains(sha))
        }
    }
}
