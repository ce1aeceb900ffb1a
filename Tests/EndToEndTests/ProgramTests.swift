import Foundation
import TestSupport
import Testing

/// How the program starts and ends, whatever it was asked for.
@Suite(.timeLimit(.minutes(1)))
struct ProgramFrameTests {
    private func shell(_ line: String) async throws -> Finished {
        let environment = ["slipway": Binaries.slipway, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
        return try await Program(environment: environment, folder: "/").run("/bin/bash", ["-c", line])
    }

    @Test(arguments: ["--version", "--help", "deploy --nope", "deploy --control-plane http://127.0.0.1:1"])
    func `libraries are not torn down while their threads may still use them`(arguments: String) async throws {
        let ending = try await shell(
            "LD_DEBUG=files \"$slipway\" \(arguments) 2>&1 | grep -c 'calling init\\|calling fini'")
        let initialised = try await shell("LD_DEBUG=files \"$slipway\" \(arguments) 2>&1 | grep -c 'calling init'")
        #expect(ending.output == initialised.output)
        #expect(try #require(Int(initialised.output.first ?? "")) > 10)
    }

    @Test(arguments: [
        ("--version", "73"), ("--help", "73"), ("deploy --help", "73"), ("validate /dev/null", "65"),
    ])
    func `a result that cannot be written is an error, but hides none`(arguments: String, code: String) async throws {
        let ending = try await shell("\"$slipway\" \(arguments) >/dev/full; echo $?")
        #expect(ending.output == [code], "\(ending.errors)")
        #expect(ending.errors.contains("standard output") == (code == "73"))
    }

    @Test func `a signal ends a command that waits for its key`() async throws {
        let ending = try await shell(
            """
            folder=$(mktemp -d); mkfifo "$folder/key"; exec 8<>"$folder/key"
            "$slipway" deploy --api-key-stdin --deployment x <&8 2>/dev/null & pid=$!
            # Whenever the signal comes, it ends the program.
            sleep 1; kill -TERM $pid; wait $pid; echo $?; rm -r "$folder"
            """)
        #expect(ending.output.last == "143", "\(ending.output)")
    }

    @Test(arguments: ["--version >&-; echo $?", "--help >&-; echo $?", "--help | true; echo ${PIPESTATUS[0]}"])
    func `a stream that is closed is no loss`(line: String) async throws {
        #expect(try await shell("\"$slipway\" \(line)").output.last == "0")
    }
}

/// What a proxy variable holds is a secret, even when it is not a URL.
@Suite(.timeLimit(.minutes(1)))
struct ProxyVariableTests {
    @Test(arguments: ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
    func `row 4: a proxy URL that cannot be used is one error at once, without its password`(name: String) async throws
    {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let (json, html) = (sandbox.repository.folder + "/report.json", sandbox.repository.folder + "/report.html")
        let start = ContinuousClock.now
        let ending = try await sandbox.slipway(
            "deploy", "--control-plane", "https://plane.example", "--deployment", "agent", "--repo-url",
            "https://github.com/acme/agent", "--json", json, "--html", html,
            environment: [name: "http://ci:p#w-hush@proxy.example:3128", "LANGSMITH_API_KEY": "lsv2_pt_0123456789"])
        #expect(ending.code == 78, "\(ending.errors)")
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(ending.errors.contains("invalid proxy URL in \(name)"))
        #expect(ending.errors.contains("correct HTTPS_PROXY"))
        let runs = sandbox.state + "/runs"
        let kept = try FileManager.default.subpathsOfDirectory(atPath: runs).filter { $0.hasSuffix(".jsonl") }
            .map { try String(contentsOfFile: "\(runs)/\($0)", encoding: .utf8) }
        let reports = try [json, html].map { try String(contentsOfFile: $0, encoding: .utf8) }
        for text in ending.output + [ending.errors] + kept + reports {
            #expect(!text.contains("hush") && !text.contains("p#w"), "\(text)")
        }
    }
}

/// The local control plane as a process.
@Suite(.timeLimit(.minutes(1)))
struct ServeTests {
    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func `a plane that is told to stop, or whose terminal goes away, leaves no agent`(signal: Int32) async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let (url, revision) = try await sandbox.serving { plane in
            let ending = try await sandbox.deploy()
            #expect(ending.code == 0, "\(ending.errors)")
            let url = try sandbox.readReport().deployment?.url
            let revision = try await sandbox.revision(at: url)
            plane.send(signal)
            try await plane.readToEnd()
            return (url, revision)
        }
        // Another test's plane may have been given the port meanwhile.
        let left = try? await sandbox.revision(at: url)
        #expect(left != revision)
        #expect(!FileManager.default.fileExists(atPath: sandbox.state + "/control-plane/plane.json"))
    }
}
