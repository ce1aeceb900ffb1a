import Foundation
import TestSupport
import Testing

/// A run is resumed as it began, wherever and however `slipway resume` is typed.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ResumeTests {
    /// The command line that the end of a run prints.
    private func resumeLine(of ending: Finished) throws -> String {
        let mark = "resume with: "
        let line = try #require(ending.errors.split(separator: "\n").first { $0.contains(mark) }, "\(ending.errors)")
        let range = try #require(line.range(of: mark))
        return String(line[range.upperBound...])
    }

    @Test func `the printed line goes on, typed elsewhere with nothing but the key`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit(build: gate.command, "Slow")
        try await sandbox.serving { plane in
            let url = try #require(plane.lines.last?.replacingOccurrences(of: "control plane: ", with: ""))
            let key = try String(contentsOfFile: sandbox.state + "/control-plane/key", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let program = Program(
                environment: sandbox.environment.merging(["LANGSMITH_API_KEY": key]) { $1 },
                folder: sandbox.repository.path)
            let stopped = try await program.run(
                Binaries.slipway,
                [
                    "deploy", "--control-plane", url, "--deployment", "agent", "--repo-url", sandbox.repository.path,
                    "--output", "jsonl", "--state-dir", "../state dir",
                ]
            ) { deploy in
                try await deploy.line { $0.contains("\"BUILDING\"") }
                deploy.send(SIGTERM)
            }
            #expect(stopped.code == 143, "\(stopped.errors)")
            try gate.open()
            let resumed = try await sandbox.typed(
                try resumeLine(of: stopped) + " --json report.json", in: sandbox.repository.folder, key: key)
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(try sandbox.readReport().result == "success")
            #expect(try await sandbox.revisionCount() == 1)
        }
    }

    @Test func `the printed line starts the local control plane again`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit(build: gate.command, "Slow")
        let stopped = try await sandbox.deploy { deploy in
            try await deploy.line { $0.contains("\"BUILDING\"") }
            deploy.send(SIGTERM)
        }
        #expect(stopped.code == 143, "\(stopped.errors)")
        try gate.open()
        let resumed = try await sandbox.typed(try resumeLine(of: stopped), in: sandbox.repository.folder)
        #expect(resumed.code == 0, "\(resumed.errors)")
    }

    @Test func `a branch called like a secret is deployed as itself`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            try await sandbox.repository.git("checkout", "-b", "production")
            try await sandbox.commit(build: gate.command, "Slow")
            let secrets = sandbox.repository.folder + "/s.env"
            try Data("APP_ENV=production\nTOKEN=hunter2-hunter2\n".utf8).write(to: URL(filePath: secrets))
            let killed = try await sandbox.deploy("--secrets-file", secrets, "--secrets", "merge") { deploy in
                try await deploy.line { $0.contains(#""effect":"create-revision""#) }
                deploy.send(SIGKILL)
            }
            #expect(killed.code == -SIGKILL, "\(killed.errors)")
            try gate.open()
            let resumed = try await sandbox.slipway("resume", "--json", sandbox.report)
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(try await sandbox.revisionCount() == 2)
            let listed = try await sandbox.slipway(
                "revisions", "list", "agent", "--control-plane", "local", "--output", "json")
            #expect(listed.output.joined().contains(#""production""#), "\(listed.output)")
            #expect(!listed.output.joined().contains("***"))
            let run = try #require(try sandbox.newestRun())
            let journal = try String(contentsOfFile: run + "/journal.jsonl", encoding: .utf8)
            #expect(!journal.contains("hunter2"))
        }
    }

    private static let workflow = """
        version: 1
        name: steps
        jobs:
          first:
            steps:
              - run: pwd >> ../log
          second:
            needs: first
            steps:
              - run: GATE
              - run: pwd >> ../log
        """

    /// A run of a workflow file that is killed while its second job waits at a gate.
    private func killed(_ body: (Sandbox, Gate) async throws -> Void) async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        let file = sandbox.repository.folder + "/steps.yml"
        try Data(Self.workflow.replacingOccurrences(of: "GATE", with: gate.command).utf8)
            .write(to: URL(filePath: file))
        try FileManager.default.createDirectory(
            atPath: sandbox.repository.path + "/sub", withIntermediateDirectories: true)
        try sandbox.repository.write("sub/file", "x")
        try await sandbox.commit("First")
        let killed = try await Program(environment: sandbox.environment, folder: sandbox.repository.path).run(
            Binaries.slipway, ["run", "../steps.yml", "--output", "jsonl"]
        ) { run in
            try await run.line { $0.contains(#""type":"step.started""#) && $0.contains(#""job":"second""#) }
            run.send(SIGKILL)
        }
        #expect(killed.code == -SIGKILL, "\(killed.errors)")
        try await body(sandbox, gate)
    }

    @Test func `it runs in the folder where it began`() async throws {
        try await killed { sandbox, gate in
            try gate.open()
            let resumed = try await Program(
                environment: sandbox.environment, folder: sandbox.repository.path + "/sub"
            ).run(Binaries.slipway, ["resume", "--json", "../../report.json"])
            #expect(resumed.code == 0, "\(resumed.errors)")
            let log = try String(contentsOfFile: sandbox.repository.folder + "/log", encoding: .utf8)
            #expect(Set(log.split(separator: "\n").map(String.init)).count == 1, "\(log)")
            #expect(try sandbox.readReport().result == "success")
        }
    }

    @Test func `it does not mix two commits`() async throws {
        try await killed { sandbox, gate in
            try gate.open()
            try await sandbox.commit(build: "true", "Second")
            let refused = try await sandbox.slipway("resume")
            #expect(refused.code == 64)
            #expect(refused.errors.contains("HEAD is at"), "\(refused.errors)")
            try await sandbox.repository.git("reset", "--hard", "HEAD~1")
            let resumed = try await sandbox.slipway("resume")
            #expect(resumed.code == 0, "\(resumed.errors)")
        }
    }

    @Test func `what failed runs again, and nothing else`() async throws {
        let sandbox = try await Sandbox()
        let file = sandbox.repository.folder + "/steps.yml"
        let text = """
            version: 1
            name: steps
            jobs:
              first:
                steps:
                  - run: echo first >> ../log
              second:
                needs: first
                steps:
                  - run: echo second >> ../log; test -e ../fixed
            """
        try Data(text.utf8).write(to: URL(filePath: file))
        try await sandbox.commit("First")
        let failed = try await sandbox.slipway("run", "../steps.yml")
        #expect(failed.code == 1, "\(failed.errors)")
        try Data().write(to: URL(filePath: sandbox.repository.folder + "/fixed"))
        let page = sandbox.repository.folder + "/report.html"
        let repeated = try await sandbox.slipway(
            "resume", "--failed", "--json", sandbox.report, "--junit", sandbox.junit, "--html", page)
        #expect(repeated.code == 0, "\(repeated.errors)")
        let junit = try String(contentsOfFile: sandbox.junit, encoding: .utf8)
        #expect(junit.contains(#"tests="2" failures="0" errors="0" skipped="0""#), "\(junit)")
        #expect(junit.components(separatedBy: "<flakyFailure").count == 2, "\(junit)")
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains(#"<article class="success">"#))
        let log = try String(contentsOfFile: sandbox.repository.folder + "/log", encoding: .utf8)
        #expect(log == "first\nsecond\nsecond\n")
        #expect(try sandbox.readReport().result == "success")
        #expect(try await sandbox.slipway("resume", "--failed").code == 64)
    }

    @Test func `row 22: the lock of a killed run is not given away while its script runs`() async throws {
        let sandbox = try await Sandbox()
        let file = sandbox.repository.folder + "/steps.yml"
        let text = """
            version: 1
            name: steps
            jobs:
              job:
                concurrency: prod
                steps:
                  - run: echo begin >> ../log; sleep 3; echo end >> ../log
            """
        try Data(text.utf8).write(to: URL(filePath: file))
        try await sandbox.commit("First")
        let program = Program(environment: sandbox.environment, folder: sandbox.repository.path)
        let killed = try await program.run(Binaries.slipway, ["run", "../steps.yml", "--output", "jsonl"]) { run in
            try await run.line { $0.contains(#""type":"step.program""#) }
            run.send(SIGKILL)
        }
        #expect(killed.code == -SIGKILL, "\(killed.errors)")
        let next = try await sandbox.slipway("run", "../steps.yml")
        #expect(next.code == 0, "\(next.errors)")
        let log = try String(contentsOfFile: sandbox.repository.folder + "/log", encoding: .utf8)
        #expect(log == "begin\nend\nbegin\nend\n")
    }

    @Test func `row 22: by name or by id, and however the host is written, it is one lock`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit("First")
        try await sandbox.serving { plane in
            let url = try #require(plane.lines.last?.replacingOccurrences(of: "control plane: ", with: ""))
            #expect(try await sandbox.deploy().code == 0)
            let id = try #require(try sandbox.readReport().deployment?.id)
            try await sandbox.commit(build: gate.command, "Slow")
            _ = try await sandbox.deploy { deploy in
                try await deploy.line { $0.contains("\"BUILDING\"") }
                let other = url.replacingOccurrences(of: "127.0.0.1", with: "LOCALHOST") + "/"
                for arguments in [["--deployment-id", id], ["--deployment", "agent", "--control-plane", other]] {
                    let key = sandbox.state + "/control-plane/key"
                    let locked = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                        .run(
                            Binaries.slipway,
                            ["deploy", "--control-plane", url, "--api-key-file", key, "--lock-timeout", "0s"]
                                + arguments)
                    #expect(locked.code == 75, "\(arguments): \(locked.errors)")
                    #expect(locked.errors.contains("is held by run"), "\(locked.errors)")
                }
                try gate.open()
            }
        }
    }
}

extension Sandbox {
    /// The folder of the newest run.
    fileprivate func newestRun() throws -> String? {
        try FileManager.default.contentsOfDirectory(atPath: state + "/runs").max().map { "\(state)/runs/\($0)" }
    }
}
