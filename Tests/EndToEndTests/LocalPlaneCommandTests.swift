import Foundation
import TestSupport
import Testing

/// What commands do to the agents of a local control plane, by the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LocalPlaneCommandTests {
    @Test func `commands that only read start no agents, and leave running ones alone`() async throws {
        let sandbox = try await Sandbox()
        let starts = sandbox.repository.folder + "/starts"
        try await sandbox.commit(start: "echo start >> '\(starts)'; exec python3 agent.py --port {port}", "First")
        try await sandbox.serving("--keep-agents") { _ in
            let code = try await sandbox.deploy().code
            #expect(code == 0)
        }
        let kept = agents(of: sandbox)
        #expect(!kept.isEmpty)
        try await checkReads(sandbox)
        #expect(agents(of: sandbox) == kept)

        // Adopts the agent, and ends it.
        try await sandbox.serving { _ in }
        #expect(agents(of: sandbox).isEmpty)
        try await checkReads(sandbox)
        #expect(try String(contentsOfFile: starts, encoding: .utf8) == "start\n")
    }

    @Test func `a running control plane gets its own key, whatever the environment has for tracing`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            for key in ["of-langsmith", ""] {
                let ending = try await sandbox.slipway(
                    "status", "--control-plane", "local", environment: ["LANGSMITH_API_KEY": key])
                #expect(ending.code == 0, "\(ending.errors)")
            }
        }
    }

    @Test func `on a terminal the agent stays up after a deploy until Ctrl-C, and says how to ask it`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let lines = try await onTerminal(["--deployment", "agent"], sandbox, until: "press Ctrl-C")
        #expect(lines.contains { $0.contains("curl http://127.0.0.1:") && $0.hasSuffix("/ok") }, "\(lines)")
        #expect(lines.suffix(2) == ["answered 200", "exit 0"], "\(lines)")
        #expect(agents(of: sandbox).isEmpty)

        let detached = try await onTerminal(
            ["--deployment", "agent", "--force", "--detach"], sandbox, until: "live now")
        #expect(!detached.contains { $0.contains("Ctrl-C") }, "\(detached)")
        #expect(detached.last == "exit 0")
        #expect(agents(of: sandbox).isEmpty)
    }

    @Test func `a control plane that is killed while its agent stays up ends the command with an error`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let lines = try await onTerminal(["--deployment", "agent"], sandbox, until: "press Ctrl-C", isKilled: true)
        #expect(lines.contains { $0.contains("the local control plane has ended") }, "\(lines)")
        #expect(lines.last == "exit 69")
    }

    @Test func `variables that are not in the commit are named with the command that sets them`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try sandbox.repository.write(".gitignore", ".env\n")
        try sandbox.repository.write(
            "langgraph.json", #"{"graphs": {"a": "./agent.py:missing"}, "dependencies": ["."], "env": "./.env"}"#)
        _ = try await sandbox.repository.commit("Variables")
        try sandbox.repository.write(".env", "AGENT_NAME=from-the-file\n")
        // Whether this agent would start is not the question.
        let plain = ["--install-command", "false"]
        let first = try await sandbox.deploy(plain)
        #expect(first.errors.contains("warning: .env is not in the commit"), "\(first.errors)")
        let line = first.errors.split(separator: "\n").first { $0.hasPrefix("hint: run slipway deploy") } ?? ""
        #expect(line.hasSuffix(" --secrets merge --secrets-file .env"), "\(line)")
        let again = try await sandbox.typed(
            String(line.dropFirst("hint: run ".count)) + " --state-dir '\(sandbox.state)'", in: sandbox.repository.path)
        #expect(again.errors.contains("add AGENT_NAME"), "\(again.errors)")
        let kept = try await sandbox.deploy(plain)
        #expect(!kept.errors.contains("not in the commit"), "\(kept.errors)")
    }

    /// What a deploy prints on a terminal, where Ctrl-C is typed, or its control plane killed, after the text `until` and
    /// an answer of the agent.
    private func onTerminal(
        _ arguments: [String], _ sandbox: Sandbox, until text: String, isKilled: Bool = false
    ) async throws -> [String] {
        let command = [Binaries.slipway, "deploy", "--control-plane", "local"] + arguments
        let environment = sandbox.environment.merging(isKilled ? ["KILLS_PLANE": "yes"] : [:]) { $1 }
        return try await Program(environment: environment, folder: sandbox.repository.path)
            .run("/usr/bin/env", ["python3", "-c", Self.terminal, text] + command).output
            .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
    }

    private static let terminal = #"""
        import glob, os, pty, re, signal, sys, urllib.request
        text, command = sys.argv[1], sys.argv[2:]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(command[0], command)
        seen, answer = b"", ""
        while text.encode() not in seen:
            seen += os.read(terminal, 4096)
        if text.startswith("press"):
            url = re.findall(rb"curl (\S+)", seen)[-1].decode()
            answer = f"answered {urllib.request.urlopen(url, timeout=60).status}"
            if "KILLS_PLANE" in os.environ:
                planes = [child for part in glob.glob(f"/proc/{pid}/task/*/children")
                          for child in open(part).read().split()]
                assert planes, "there is no control plane"
                for plane in planes:
                    os.kill(int(plane), signal.SIGKILL)
            else:
                os.write(terminal, b"\x03")
        try:
            while piece := os.read(terminal, 4096):
                seen += piece
        except OSError:
            pass  # the terminal is closed
        print(seen.decode(), answer, f"exit {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}", sep="\n")
        """#

    private func checkReads(_ sandbox: Sandbox) async throws {
        let commands = [
            ["deployments", "list"], ["deployments", "get", "agent"], ["revisions", "list", "agent"],
            ["status", "agent"], ["logs", "agent"], ["logs", "agent", "--follow"], ["doctor"],
            ["plan", "--deployment", "agent"], ["api", "GET", "/v2/deployments"],
        ]
        for command in commands {
            let ending = try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
                .run(Binaries.slipway, command + ["--control-plane", "local"])
            #expect(ending.code == 0, "\(command): \(ending.errors)")
            #expect(!ending.output.isEmpty, "\(command)")
        }
    }

    /// The processes that run in a folder of a build.
    private func agents(of sandbox: Sandbox) -> Set<String> {
        let folder = sandbox.state + "/control-plane/revisions/"
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            processes.filter { pid in
                let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
                return place?.hasPrefix(folder) ?? false
            })
    }
}
