import Foundation
import TestSupport
import Testing

/// How commands start, find and share the local control plane, by the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LocalPlaneStartTests {
    @Test func `a deploy waits until the holder of the state directory is gone`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let code = try await Holder(sandbox).whileHeld { holder in
            try await sandbox.deploy { _ in
                // The first start of its own has failed.
                try await log(of: sandbox, contains: "is in use by pid \(holder.pid), which is starting")
                holder.send(SIGTERM)
            }.code
        }
        #expect(code == 0)
    }

    @Test func `a deploy beside a serve that just began gets through, whoever is first`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let deployed = Task { try await sandbox.deploy() }
        let served = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
            .run(Binaries.slipway, ["serve", "--repo", sandbox.repository.path]) { plane in
                let ending = try await deployed.value
                #expect(ending.code == 0, "\(ending.errors)")
                plane.send(SIGTERM)
            }
        if served.code == 75 { #expect(served.errors.contains("is in use by "), "\(served.errors)") }
    }

    @Test(arguments: [["agent", "agent"], ["agent", "other"]])
    func `the control plane of a deploy stays until another that uses it is done`(names: [String]) async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        async let first = sandbox.deploy([], name: names[0])
        let second = try await sandbox.deploy([], name: names[1])
        for ending in try await [first, second] {
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(ending.errors.contains("the local control plane stops with th"), "\(ending.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: sandbox.state + "/control-plane/plane.json"))
    }

    @Test func `serve names the process that has its state directory`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.serving { _ in
            let pid = try sandbox.planeProcess
            let second = try await sandbox.slipway("serve")
            #expect(second.code == 75)
            #expect(second.errors.contains("is in use by pid \(pid), which listens on http://127.0.0.1:"))
            #expect(second.errors.contains("hint: use it with --control-plane local, stop it with kill \(pid)"))
        }
    }

    @Test func `a failed start shows its own error and hint, not those of earlier ones`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let folder = sandbox.state + "/control-plane"
        try FileManager.default.createDirectory(
            atPath: folder + "/plane.sqlite", withIntermediateDirectories: true)
        try "error: an earlier one\nhint: earlier\n".write(
            toFile: folder + "/plane.log", atomically: true, encoding: .utf8)
        let ending = try await sandbox.deploy()
        let lines = ending.errors.split(separator: "\n")
        let place = try #require(lines.firstIndex { $0.hasPrefix("error: cannot start the local") }, "\(lines)")
        #expect(lines[place].hasPrefix("error: cannot start the local control plane: cannot open \(folder)/"))
        #expect(lines.dropFirst(place + 1).first == "hint: move the file away to start with an empty state")
        #expect(!ending.errors.contains("earlier"), "\(ending.errors)")
    }

    @Test func `without the program every command names the package that has it`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let alone = sandbox.repository.folder + "/slipway"
        try FileManager.default.copyItem(atPath: Binaries.slipway, toPath: alone)
        let commands = [
            ["deploy", "--deployment", "agent"], ["plan", "--deployment", "agent"], ["status", "agent"],
            ["rollback", "agent", "--yes"], ["deployments", "list"],
        ]
        for command in commands.map({ $0 + ["--control-plane", "local"] }) + [["serve"]] {
            let ending = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                .run(alone, command)
            #expect(ending.code == 78, "\(command): \(ending.errors)")
            #expect(
                ending.errors.contains("error: slipway-control-plane not found beside slipway or on PATH\n"),
                "\(command): \(ending.errors)")
            #expect(ending.errors.contains("hint: pip install 'slipway-deploy[local]', or put "), "\(ending.errors)")
        }
    }

    private func log(of sandbox: Sandbox, contains text: String) async throws {
        let path = sandbox.state + "/control-plane/plane.log"
        let start = ContinuousClock.now
        while (try? String(contentsOfFile: path, encoding: .utf8))?.contains(text) != true {
            try #require(ContinuousClock.now - start < .seconds(60), "no line with \(text)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// A process that has the lock of the state directory, as a control plane that is starting.
private struct Holder {
    let sandbox: Sandbox

    init(_ sandbox: Sandbox) {
        self.sandbox = sandbox
    }

    func whileHeld<Answer>(_ body: (Running) async throws -> Answer) async throws -> Answer {
        var answer: Answer?
        _ = try await Program(environment: sandbox.environment, folder: sandbox.repository.folder)
            .run("/usr/bin/env", ["python3", "-c", Self.hold, sandbox.state + "/control-plane"]) { holder in
                try await holder.line { $0 == "held" }
                answer = try await body(holder)
            }
        return try #require(answer)
    }

    private static let hold = """
        import fcntl, os, signal, sys
        os.makedirs(sys.argv[1])
        file = open(sys.argv[1] + "/lock", "w")
        fcntl.flock(file, fcntl.LOCK_EX)
        print(os.getpid(), end="", file=file, flush=True)
        signal.alarm(120)
        print("held", flush=True)
        signal.pause()
        """
}
