import Engine
import FoundationEssentials
import Glibc
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct RunStepTests {
    private func trial(_ with: [String: Value]) -> StepHarness {
        var trial = StepHarness("run", with)
        trial.isVirtual = false
        trial.adjust = { $0.processEnvironment = ["PATH": "/usr/local/bin:/usr/bin:/bin"] }
        return trial
    }

    private func script(_ text: String) async throws -> StepHarnessResult {
        try await trial(["script": .string(text)]).run()
    }

    @Test func `both streams are told in their order`() async throws {
        let result = try await script("echo one; echo two >&2; printf three")
        #expect(result.verdict == .success, result.story)
        #expect(result.logLines == ["one", "two", "three"])
    }

    @Test func `an exit code but 0 fails with the last lines`() async throws {
        let result = try await script("for i in $(seq 30); do echo line $i; done; exit 7")
        #expect(result.failure?.code == "CommandFailed")
        #expect(result.failure?.message.hasSuffix("exit code 7") == true)
        #expect(result.failure?.details == (11...30).map { "line \($0)" })
        #expect(result.logLines.count == 30)
    }

    @Test(arguments: ["false; echo on", "false | true; echo on"])
    func `a script stops at the first command that fails`(text: String) async throws {
        let result = try await script(text)
        #expect(result.failure?.code == "CommandFailed", result.story)
        #expect(result.logLines.isEmpty)
    }

    @Test func `a signal is told`() async throws {
        let result = try await script("kill -KILL $$")
        #expect(result.failure?.message.contains("signal 9") == true, result.story)
    }

    @Test func `outputs are read, also of a script that fails`() async throws {
        let result = try await script(
            """
            echo "image=agent:1" >> "$SLIPWAY_OUTPUT"
            printf 'notes<<END\\na\\nb=c\\nEND\\n' >> "$SLIPWAY_OUTPUT"
            exit 1
            """)
        #expect(result.verdict == .failed)
        #expect(result.outputs == ["image": "agent:1", "notes": "a\nb=c"])
    }

    @Test(arguments: [
        (Value.null, "echo ${BASH_VERSION:+bash}", "bash"), ("sh", "echo plain", "plain"),
        ("bash", "echo ${BASH_VERSION:+bash}", "bash"), ("python", "import sys; print('python', 1 + 1)", "python 2"),
    ])
    func `the shell runs the script`(shell: Value, text: String, output: String) async throws {
        let result = try await trial(["script": .string(text), "shell": shell]).run()
        #expect(result.logLines == [output], result.story)
    }

    @Test func `a secret that a script learns is hidden from then on`() async throws {
        let result = try await script(
            """
            echo before-s3cret-value
            echo s3cret-value >> "$SLIPWAY_MASK"
            echo "got s3cret-value"
            echo ::add-mask::an0ther-value
            echo "and an0ther-value"
            exit 1
            """)
        #expect(result.logLines.suffix(2) == ["got ***", "and ***"], result.story)
        #expect(result.failure?.details.contains { $0.contains("an0ther") } == false)
    }

    @Test func `variables that cannot be read fail the step`() async throws {
        let result = try await script("printf 'A=1\\nA-B=1\\n' >> \"$SLIPWAY_ENV\"")
        #expect(result.failure?.message.hasPrefix("$SLIPWAY_ENV, line 2") == true, result.story)
    }

    @Test func `outputs that cannot be read fail the step`() async throws {
        let result = try await script("echo nothing >> \"$SLIPWAY_OUTPUT\"")
        #expect(result.failure?.code == "InvalidOutputs", result.story)
        #expect(result.failure?.message.contains("line 1") == true)
    }

    @Test func `a list is run without a shell`() async throws {
        let result = try await trial(["command": .list(["printf", "%s|", "$HOME", "a b"])]).run()
        #expect(result.logLines == ["$HOME|a b|"], result.story)
    }

    @Test func `a program that is not there is named`() async throws {
        let result = try await trial(["command": .list(["no-such-program"])]).run()
        #expect(result.failure?.code == "CommandNotFound")
        #expect(result.failure?.message.contains("no-such-program") == true)
    }

    @Test(arguments: [
        ("plain", "plain is not executable"), ("folder", "folder is a folder"),
        ("odd", "odd: interpreter not found"),
    ])
    func `a program that is there and cannot be run is told from one that is not`(name: String, message: String)
        async throws
    {
        let folder = try TemporaryFolder()
        let script = "#!/no/such/shell\n"
        try Data(script.utf8).write(to: URL(filePath: folder.path + "/plain"))
        try Data(script.utf8).write(to: URL(filePath: folder.path + "/odd"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/odd")
        try FileManager.default.createDirectory(atPath: folder.path + "/folder", withIntermediateDirectories: true)
        var trial = trial(["command": .list([.string("./" + name)])])
        trial.workingDirectory = folder.path
        let result = try await trial.run()
        #expect(result.failure?.code == "CommandNotExecutable", result.story)
        #expect(result.failure?.message == "\(folder.path)/\(message)", result.story)
    }

    @Test func `a folder that is not there is named`() async throws {
        var trial = trial(["script": "true"])
        trial.workingDirectory = "/nonexistent"
        let result = try await trial.run()
        #expect(result.failure?.code == "CommandNotStarted", result.story)
        #expect(result.failure?.message.contains("/nonexistent") == true)
    }

    @Test func `it runs in the folder that was named`() async throws {
        let folder = try TemporaryFolder()
        var trial = trial(["script": "pwd -P"])
        trial.workingDirectory = folder.path
        let result = try await trial.run()
        #expect(result.logLines.first?.hasSuffix(folder.path) == true, result.story)
    }

    @Test func `the keys are not handed on, unless the step asks for them`() async throws {
        var trial = StepHarness("run", ["script": "true"])
        trial.env = ["LANGSMITH_API_KEY": "mine", "A": "b=c"]
        let runner = ScriptedRunner()
        trial.adjust = {
            $0.processes = runner
            $0.processEnvironment = [
                "LANGGRAPH_HOST_API_KEY": "k", "LANGSMITH_API_KEY": "k", "LANGCHAIN_API_KEY": "k",
                "LANGSMITH_API_KEY_FILE": "k", "SLIPWAY_AGENT_API_KEY": "k", "HOME": "/home",
            ]
        }
        #expect(try await trial.run().verdict == .success)
        var environment = try #require(runner.commands.first?.environment)
        for name in ["SLIPWAY_OUTPUT", "SLIPWAY_ENV", "SLIPWAY_PATH", "SLIPWAY_MASK"] {
            #expect(environment.removeValue(forKey: name) != nil)
        }
        #expect(runner.commands.first?.trackingID.description.hasSuffix("/job/step/1") == true)
        #expect(environment == ["HOME": "/home", "LANGSMITH_API_KEY": "mine", "A": "b=c"])
    }

    @Test func `sh runs the script where there is no bash`() async throws {
        var trial = StepHarness("run", ["script": "true"])
        let runner = ScriptedRunner { command in
            guard command.program == "sh" else { throw ProcessFailure.programNotFound }
            return .exited(0)
        }
        trial.adjust = { $0.processes = runner }
        #expect(try await trial.run().verdict == .success)
        #expect(runner.commands.map(\.program) == ["bash", "sh"])
        #expect(runner.commands.last?.arguments.first == "-e")
    }

    @Test(arguments: [[:], ["script": "true", "command": .list(["true"])]] as [[String: Value]])
    func `one of script and command is needed`(with: [String: Value]) async throws {
        #expect(try await trial(with).run().verdict == .invalidWorkflow)
    }

    @Test func `a background process gets SIGTERM at the end of the job, and is named`() async throws {
        let folder = try TemporaryFolder()
        let result = try await script(
            """
            (trap 'echo term >\(folder.path)/file; exit' TERM; : >\(folder.path)/ready
              while :; do sleep 0.01; done) >/dev/null 2>&1 &
            until [ -e \(folder.path)/ready ]; do sleep 0.01; done
            echo done
            """)
        #expect(result.verdict == .success)
        #expect(result.logLines == ["done"], result.story)
        #expect(try String(contentsOfFile: folder.path + "/file", encoding: .utf8) == "term\n")
        #expect(result.notes(.info).contains { $0.hasPrefix("ended at the end of the job: ") && $0.contains("(bash)") })
    }

    @Test func `a background process that ignores SIGTERM is killed at the end of the job`() async throws {
        let exitPipe = try ExitPipe()
        let result = try await script("trap '' TERM; exec 9> \(exitPipe.path); sleep 1000 & echo done")
        #expect(result.logLines == ["done"], result.story)
        #expect(exitPipe.isCut)
        #expect(result.notes(.info).contains { $0.contains("; killed after 3.0s: ") && $0.contains("(sleep)") })
    }

    @Test func `what a process substitution writes is whole when the job ends`() async throws {
        let folder = try TemporaryFolder()
        let result = try await script(
            "seq 5 > >(sleep 0.2; cat >\(folder.path)/file); exec > >(sleep 0.1; cat); echo last")
        #expect(result.logLines == ["last"], result.story)
        #expect(try String(contentsOfFile: folder.path + "/file", encoding: .utf8) == "1\n2\n3\n4\n5\n")
        #expect(result.notes(.info).isEmpty)
    }

    @Test func `a server that holds the output does not hold up its step`() async throws {
        let exitPipe = try ExitPipe()
        let start = ContinuousClock.now
        let result = try await script("exec 9> \(exitPipe.path); (echo serving; exec sleep 1000) & echo done")
        #expect(result.verdict == .success, result.story)
        #expect(Set(result.logLines) == ["done", "serving"])
        #expect(exitPipe.isCut)
        #expect(ContinuousClock.now - start < .seconds(900))
    }

    @Test func `the next attempt begins when the processes of the last one are ended`() async throws {
        let folder = try TemporaryFolder()
        var trial = trial([
            "script": .string(
                """
                [ -e \(folder.path)/pid ] && ! readlink /proc/$(cat \(folder.path)/pid)/exe && exit 0
                sleep 1000 >/dev/null 2>&1 &
                echo $! >\(folder.path)/pid
                exit 1
                """)
        ])
        trial.retry = .init(attempts: 2, delay: .zero)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
    }

    @Test func `a program that asks on the terminal fails at once with a hint`() async throws {
        let result = try await script("echo 'Password:'; read -r answer </dev/tty; echo \"got $answer\"")
        #expect(result.failure?.code == "CommandFailed", result.story)
        #expect(result.failure?.hint?.contains("a step has no terminal") == true)
    }

    @Test func `the order to stop ends the whole group`() async throws {
        let exitPipe = try ExitPipe()
        var trial = trial(["script": .string("exec 9> \(exitPipe.path); sleep 1000 & echo ready; wait")])
        let cancellation = trial.cancellation
        trial.adjust = {
            $0.processEnvironment = ["PATH": "/usr/bin:/bin"]
            $0.processes = WatchedRunner { cancellation.cancel(.interrupt) }
        }
        let result = try await trial.run()
        #expect(result.verdict == .interrupted, result.story)
        #expect(exitPipe.isCut)
    }

    @Test func `a signal ends also what left the session, with SIGTERM`() async throws {
        let folder = try TemporaryFolder()
        let other = "trap 'echo term >\(folder.path)/file; exit' TERM; echo ready; while :; do sleep 0.01; done"
        var trial = trial(["script": .string("setsid sh -c \"\(other)\" & wait")])
        let cancellation = trial.cancellation
        trial.adjust = {
            $0.processEnvironment = ["PATH": "/usr/bin:/bin"]
            $0.processes = WatchedRunner(grace: .seconds(10)) { cancellation.cancel(.terminate) }
        }
        let result = try await trial.run()
        #expect(result.verdict == .terminated, result.story)
        #expect(try String(contentsOfFile: folder.path + "/file", encoding: .utf8) == "term\n")
    }

    @Test func `who does not hear SIGTERM is killed when the time is over`() async throws {
        let exitPipe = try ExitPipe()
        var trial = trial(["script": .string("trap '' TERM; exec 9> \(exitPipe.path); sleep 1000 & echo ready; wait")])
        trial.timeout = .seconds(60)
        let clock = trial.clock
        trial.adjust = {
            $0.processEnvironment = ["PATH": "/usr/bin:/bin"]
            $0.processes = WatchedRunner { clock.advance(by: .seconds(60)) }
        }
        let result = try await trial.run()
        #expect(result.verdict == .timedOut, result.story)
        #expect(result.failure?.code == "StepTimeout")
        #expect(exitPipe.isCut)
    }
}
