import Foundation
import TestSupport
import Testing

/// How long the programs of `run` steps live, judged by the files that they write.
@Suite(.timeLimit(.minutes(2)))
struct ProgramLifetimeTests {
    private let sandbox: Sandbox
    private let folder: String

    init() async throws {
        sandbox = try await Sandbox()
        folder = sandbox.repository.folder
    }

    private func write(_ steps: String, job: String = "") throws -> String {
        let path = folder + "/workflow.yml"
        let text = "version: 1\nname: programs\njobs:\n  work:\n\(job)    steps:\n"
        let indented = steps.split(separator: "\n").map { "      \($0)\n" }.joined()
        try Data((text + indented).utf8).write(to: URL(filePath: path))
        return path
    }

    private func slipway(_ arguments: String...) async throws -> Finished {
        try await Program(environment: environment, folder: folder).run(Binaries.slipway, arguments)
    }

    private var environment: [String: String] { sandbox.environment.merging(["LANGSMITH_API_KEY": "k"]) { $1 } }

    private func contents(of name: String) -> String? {
        try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    /// Whether the file has this text within ten seconds.
    private func wait(for text: String, in name: String) -> Bool {
        for _ in 0..<1000 {
            if contents(of: name) == text { return true }
            usleep(10_000)
        }
        return false
    }

    @Test func `a server that a step starts is there for the next step, and ends with the job`() async throws {
        let path = try write(
            """
            - run: |
                (trap 'echo term >>story; exit 0' TERM; while :; do echo tick; sleep 0.05; done) &
                echo $! >pid
            - run: kill -0 $(cat pid) && echo alive >>story
            """)
        let ending = try await slipway("run", path)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(contents(of: "story") == "alive\nterm\n")
        #expect(ending.errors.contains("ended at the end of the job: "), "\(ending.errors)")
    }

    @Test func `row 38: a script that a killed run left behind does not run beside its second run`() async throws {
        let path = try write(
            "- run: 'echo begin >>story; until [ -e gate ]; do sleep 0.05; done; echo end >>story'",
            job: "    concurrency: prod\n")
        let killed = try await Program(environment: environment, folder: folder)
            .run(Binaries.slipway, ["run", path, "--output", "jsonl"]) { run in
                #expect(wait(for: "begin\n", in: "story"))
                run.send(SIGKILL)
            }
        #expect(killed.code == -SIGKILL)
        let resumed = try await Program(environment: environment, folder: folder)
            .run(Binaries.slipway, ["resume", "--output", "jsonl"]) { run in
                try await run.line { $0.contains("waiting up to 30s for processes that were left running") }
                try Data().write(to: URL(filePath: folder + "/gate"))
            }
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(contents(of: "story") == "begin\nend\nbegin\nend\n")
    }

    @Test func `row 38: a server that a killed run left behind is ended before its step runs again`() async throws {
        let path = try write(
            """
            - run: |
                [ -e pid ] && ! readlink /proc/$(cat pid)/exe && exit 0
                setsid sleep 1000 >/dev/null 2>&1 &
                echo $! >pid
                kill -KILL $PPID
            """)
        #expect(try await slipway("run", path).code == -SIGKILL)
        let resumed = try await slipway("resume")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("ended processes that were left running: "), "\(resumed.errors)")
    }
}
