import Foundation
import TestSupport
import Testing

/// What happens when somebody or something cuts a deploy short.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct InterruptionTests {
    /// Deploys a commit whose build waits at a gate; `act` runs while it builds.
    private func whileBuilding(
        _ arguments: [String] = [], act: (Sandbox, Running) async throws -> Void,
        afterwards: (Sandbox, Gate, Finished) async throws -> Void
    ) async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit(build: gate.command, "Slow")
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy(arguments) { deploy in
                try await deploy.line { $0.contains("\"BUILDING\"") }
                try await act(sandbox, deploy)
            }
            try await afterwards(sandbox, gate, ending)
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `row 36: a signal while the plane builds ends the run with reports and ids`(signal: Int32, code: Int32)
        async throws
    {
        try await whileBuilding {
            $1.send(signal)
        } afterwards: { sandbox, gate, ending in
            #expect(ending.code == code, "\(ending.errors)")
            let report = try sandbox.readReport()
            #expect(report.result == "cancellation")
            #expect(report.exitCode == code)
            #expect(report.revision?.status == "BUILDING")
            #expect(FileManager.default.fileExists(atPath: sandbox.junit))
            try gate.open()
        }
    }

    @Test func `row 21: the time is over while the plane builds`() async throws {
        try await whileBuilding(["--timeout", "2s"]) { _, _ in
        } afterwards: { sandbox, gate, ending in
            #expect(ending.code == 124, "\(ending.errors)")
            let report = try sandbox.readReport()
            #expect(report.result == "timeout")
            #expect(report.rollback == nil)
            try gate.open()
        }
    }

    @Test func `row 38: the run after a killed one takes up what is under way`() async throws {
        try await whileBuilding {
            $1.send(SIGKILL)
        } afterwards: { sandbox, gate, ending in
            #expect(ending.code == -SIGKILL)
            let again = try await sandbox.deploy { deploy in
                try await deploy.line { $0.contains("follow") }
                try gate.open()
            }
            #expect(again.code == 0, "\(again.errors)")
            let report = try sandbox.readReport()
            #expect(report.requests.byEndpoint["POST /v2/deployments/{id}/revisions"] == nil)
            #expect(try await sandbox.revision(at: report.deployment?.url) == report.revision?.id)
        }
    }

    @Test func `row 38: a killed run goes on from its journal`() async throws {
        try await whileBuilding {
            $1.send(SIGKILL)
        } afterwards: { sandbox, gate, _ in
            try gate.open()
            let resumed = try await sandbox.slipway("resume", "--control-plane", "local", "--json", sandbox.report)
            #expect(resumed.code == 0, "\(resumed.errors)")
            let report = try sandbox.readReport()
            #expect(report.result == "success")
            #expect(report.requests.byEndpoint["POST /v2/deployments"] == nil)
            #expect(try await sandbox.revision(at: report.deployment?.url) == report.revision?.id)
            #expect(try await sandbox.slipway("resume", "--control-plane", "local").code == 64)
        }
    }

    @Test func `row 23: a commit that a newer one overtakes while it waits for its turn is superseded`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit(build: gate.command, "Slow")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy("--no-wait").code == 0)
            try await sandbox.commit(build: "true", "Waiting")
            let ending = try await sandbox.deploy { deploy in
                try await deploy.line { $0.contains("waiting for it") }
                try await sandbox.commit(build: "true && true", "Newer")
                let newer = try await sandbox.deployElsewhere("--no-wait")
                #expect(newer.code == 0, "\(newer.errors)")
                try gate.open()
            }
            #expect(ending.code == 4, "\(ending.errors)")
        }
    }

    @Test func `the plane is killed while it builds and goes on after a restart`() async throws {
        let sandbox = try await Sandbox()
        let gate = Gate(in: sandbox.repository.folder)
        try await sandbox.commit(build: gate.command, "Slow")
        try await sandbox.serving { plane in
            let port = try #require(plane.lines.last?.split(separator: ":").last.map(String.init))
            let ending = try await sandbox.deploy { deploy in
                try await deploy.line { $0.contains("\"BUILDING\"") }
                plane.send(SIGKILL)
                try await plane.readToEnd()
                try await sandbox.serving("--port", port) { _ in
                    try gate.open()
                    try await deploy.readToEnd()
                }
            }
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(try sandbox.readReport().result == "success")
        }
    }

    /// A control plane of this machine that says nothing: slipway asks it whether it is there, and is told to stop.
    private static let stopWhileAsking = """
        import json, os, socket, subprocess, sys
        state, signal, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
        plane = socket.socket()
        plane.bind(("127.0.0.1", 0))
        plane.listen()
        os.makedirs(state + "/control-plane")
        with open(state + "/control-plane/plane.json", "w") as file:
            json.dump({"url": "http://127.0.0.1:%d" % plane.getsockname()[1], "pid": 1}, file)
        slipway = subprocess.Popen(command)
        connection = plane.accept()
        slipway.send_signal(signal)
        sys.exit(slipway.wait(timeout=30))
        """

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `row 36: a signal before the run begins ends it with reports too`(signal: Int32, code: Int32) async throws {
        let sandbox = try await Sandbox()
        let deploy = ["deploy", "--control-plane", "local", "--json", sandbox.report, "--junit", sandbox.junit]
        let ending = try await Program(environment: sandbox.environment, folder: sandbox.repository.path).run(
            "/usr/bin/env",
            ["python3", "-c", Self.stopWhileAsking, sandbox.state, "\(signal)", Binaries.slipway] + deploy)
        #expect(ending.code == code, "\(ending.errors)")
        #expect(ending.errors.contains("before the run began"))
        let report = try sandbox.readReport()
        #expect(report.result == "cancellation")
        #expect(report.exitCode == code)
        #expect(report.deployment?.id == nil)
        #expect(FileManager.default.fileExists(atPath: sandbox.junit))
    }
}

/// The real program, killed in the middle of a deploy that fails and is rolled back.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct KilledDeployTests {
    /// The line of the run's events at which the process is killed.
    static let moments: [(text: String, isInRollback: Bool)] = [
        (#""effect":"create-revision""#, false), (#""name":"revision-id""#, false),
        (#""type":"revision.seen""#, false), (#""effect":"redeploy-revision""#, true), (#""role":"rollback""#, true),
    ]

    @Test func `row 38: killed anywhere and resumed it comes to the end of an undisturbed run`() async throws {
        let sandbox = try await Sandbox()
        // Closed while the process is killed, so that the run cannot end first.
        let build = Gate(in: sandbox.repository.folder)
        let start = Gate(in: sandbox.repository.folder, name: "start-gate")
        try build.open()
        try start.open()
        try await sandbox.commit(
            start: "(\(start.command)); exec python3 agent.py --port {port}", "Good")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy().code == 0)
            let before = try await sandbox.revisionCount()
            try await sandbox.commit(build: "exit 3", "Bad")
            let undisturbed = try await sandbox.deploy()
            #expect(undisturbed.code == 1, "\(undisturbed.errors)")
            let added = try await sandbox.revisionCount() - before
            for (number, moment) in Self.moments.enumerated() {
                let count = try await sandbox.revisionCount()
                try await sandbox.commit(build: "(\(build.command)); exit \(number + 4)", "Bad \(number)")
                let gate = moment.isInRollback ? start : build
                try gate.close()
                let killed = try await sandbox.deploy { deploy in
                    try await deploy.line { $0.contains(moment.text) }
                    deploy.send(SIGKILL)
                }
                try gate.open()
                #expect(killed.code == -Int32(SIGKILL), "\(moment.text): \(killed.errors)")
                let resumed = try await sandbox.slipway(
                    "resume", "--control-plane", "local", "--json", sandbox.report)
                #expect(resumed.code == 1, "\(moment.text): \(resumed.errors)")
                let report = try sandbox.readReport()
                #expect(report.result == "failure", "\(moment.text)")
                #expect(try await sandbox.revisionCount() - count == added, "\(moment.text)")
                #expect(report.rollback?.result == "success", "\(moment.text)")
                #expect(try await sandbox.revision(at: report.deployment?.url) == report.rollback?.revisionId)
            }
        }
    }

    @Test func `row 38: killed it leaves no control plane behind that it had started`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit(build: "sleep 60", "Slow")
        var plane: Int32?
        let killed = try await sandbox.deploy { deploy in
            try await deploy.line { $0.contains("BUILDING") }
            plane = try sandbox.planeProcess
            deploy.send(SIGKILL)
        }
        #expect(killed.code == -Int32(SIGKILL))
        let process = try #require(plane)
        let end = try await Program(environment: sandbox.environment, folder: sandbox.repository.folder)
            .run("/usr/bin/env", ["timeout", "30", "tail", "--pid=\(process)", "-f", "/dev/null"])
        #expect(end.code == 0, "the control plane \(process) still runs")
    }
}
