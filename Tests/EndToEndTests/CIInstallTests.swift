import Foundation
import TestSupport
import Testing
import WorkflowModel

/// How the action gets its binary, with a release server and a `gh` on this machine.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct CIInstallTests {
    private static let asset = "slipway-\(FakeRunner.actionVersion)-\(FakeRunner.machine).tar.gz"

    /// A runner, and the folder that its GitHub serves files from.
    private func withRunner(
        _ body: (inout FakeRunner, _ releases: String) async throws -> Void
    ) async throws {
        let remote = try await GitFixture()
        let releases = remote.folder + "/releases"
        let folder = "\(releases)/\(FakeRunner.actionRepository)/releases/download/v\(FakeRunner.actionVersion)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = Program(environment: ["PATH": path, "PYTHONUNBUFFERED": "1"], folder: releases)
        let arguments = ["python3", "-m", "http.server", "0", "--bind", "127.0.0.1"]
        _ = try await server.run("/usr/bin/env", arguments) { running in
            let line = try await running.line { $0.contains("http://") }
            let url = try #require(line.firstMatch(of: /http:\/\/[0-9.:]+/)).output
            var runner = try FakeRunner(remote: remote, releases: String(url))
            try await body(&runner, folder)
            running.send(SIGTERM)
        }
    }

    private var path: String { ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin" }

    /// Makes a release whose slipway says its version; answers its checksum.
    private func release(
        in folder: String, _ runner: FakeRunner, version: String = FakeRunner.actionVersion, tar options: [String] = []
    ) async throws -> String {
        let name = String(Self.asset.dropLast(".tar.gz".count))
        let content = "\(runner.folder)/files/\(name)/bin"
        try FileManager.default.createDirectory(atPath: content, withIntermediateDirectories: true)
        try FakeRunner.writeProgram("echo \(version)", at: content + "/slipway")
        let files = ScriptProcess(environment: ["PATH": path], folder: runner.folder + "/files")
        let made = try await files.run(
            "/usr/bin/env", ["tar", "-czf", "\(folder)/\(Self.asset)"] + options + [name])
        try #require(made.code == 0, "\(made.lines)")
        let sum = try await files.run("/usr/bin/env", ["sha256sum", "\(folder)/\(Self.asset)"])
        return String(try #require(sum.lines.first?.split(separator: " ").first))
    }

    private func install(_ runner: FakeRunner, _ inputs: [String: String] = [:]) async throws -> JobRun {
        let setup: Value = .object([
            "id": "setup", "uses": "OWNER/slipway/setup@v0",
            "with": .object(inputs.mapValues { .string($0) }),
        ])
        let workflow: Value = .object([
            "on": .object(["push": .null]),
            "jobs": .object([
                "j": .object([
                    "steps": .list([setup, .object(["name": "use", "run": "slipway --version"])]),
                    "outputs": .object(["version": "${{ steps.setup.outputs.version }}"]),
                ])
            ]),
        ])
        let event = FakeRunner.Event(name: "push", sha: String(repeating: "a", count: 40), ref: "refs/heads/main")
        return try await runner.run(workflow, event: event)["j"]
    }

    private func refusal(_ run: JobRun) -> String {
        run.commands.first { $0.name == "error" }?.data ?? "nothing was refused: \(run.lines)"
    }

    @Test func `a release whose checksum the action knows is installed, once`() async throws {
        try await withRunner { runner, folder in
            try runner.addChecksum(try await release(in: folder, runner))
            let first = try await install(runner, ["verify-attestation": "off"])
            #expect(first.result == "success", "\(first.lines)")
            #expect(first.step("use")?.lines == [FakeRunner.actionVersion])
            #expect(first.outputs["version"] == FakeRunner.actionVersion)
            #expect(first.lines.contains { $0.hasPrefix("checksum: ") })
            try FileManager.default.removeItem(atPath: folder)
            let second = try await install(runner, ["version": "latest", "verify-attestation": "off"])
            #expect(second.result == "success", "\(second.lines)")
            #expect(second.lines.contains { $0.contains("tool cache") })
        }
    }

    @Test func `a checksum of the user's own counts instead of the table's`() async throws {
        try await withRunner { runner, folder in
            let sum = try await release(in: folder, runner)
            let run = try await install(runner, ["checksum": sum, "verify-attestation": "off"])
            #expect(run.result == "success", "\(run.lines)")
        }
    }

    @Test func `a file with another checksum is not installed`() async throws {
        try await withRunner { runner, folder in
            _ = try await release(in: folder, runner)
            try runner.addChecksum(String(repeating: "0", count: 64))
            let run = try await install(runner)
            #expect(run.result == "failure")
            #expect(refusal(run).contains("does not have the SHA-256 000"))
            #expect(run.step("use") == nil)
        }
    }

    @Test(arguments: [
        (["version": "0.1.0"], "unknown checksum"), (["version": "latest"], "knows no release"),
        (["version": "v0.1.0"], "invalid version"), (["version": "../../x"], "invalid version"),
        (["version": "1.2.3\nevil"], "invalid version"), (["checksum": "12"], "invalid SHA-256"),
        (["install-from": "somewhere"], "invalid install-from"),
    ])
    func `an archive that cannot be verified is refused`(inputs: [String: String], reason: String) async throws {
        let run = try await install(try FakeRunner(remote: try await GitFixture()), inputs)
        #expect(run.result == "failure")
        #expect(refusal(run).contains(reason), "\(run.lines)")
    }

    @Test func `an archive that would write outside its folder is refused`() async throws {
        try await withRunner { runner, folder in
            let hostile = ["--transform", "s,slipway$,../../../outside,", "--absolute-names"]
            try runner.addChecksum(try await release(in: folder, runner, tar: hostile))
            let run = try await install(runner, ["verify-attestation": "off"])
            #expect(refusal(run).contains("paths outside its folder"), "\(run.lines)")
        }
    }

    @Test func `a binary that reports another version is refused`() async throws {
        try await withRunner { runner, folder in
            try runner.addChecksum(try await release(in: folder, runner, version: "9.9.9"))
            let run = try await install(runner, ["verify-attestation": "off"])
            #expect(refusal(run).contains("installed slipway 9.9.9 instead of"), "\(run.lines)")
        }
    }

    /// Puts a `gh` first on the path that notes how it was called.
    private func addGH(_ runner: inout FakeRunner, code: Int) throws {
        try runner.make("gh")
        try FakeRunner.writeProgram(
            "echo \"$@\" >> '\(runner.file("gh-calls"))'; exit \(code)", at: runner.folder + "/gh/gh")
        runner.environment["PATH"] = runner.folder + "/gh:" + path
    }

    @Test func `gh is asked whether the release workflow built it`() async throws {
        try await withRunner { runner, folder in
            try addGH(&runner, code: 0)
            try runner.addChecksum(try await release(in: folder, runner))
            let run = try await install(runner, ["verify-attestation": "require"])
            #expect(run.result == "success", "\(run.lines)")
            let call = FakeRunner.text(of: runner.file("gh-calls"))
            for part in [
                "attestation verify", "--repo acme/slipway",
                "--signer-workflow acme/slipway/.github/workflows/release.yml",
                "--source-ref refs/tags/v\(FakeRunner.actionVersion)", "--deny-self-hosted-runners",
            ] { #expect(call.contains(part), "\(call)") }
        }
    }

    @Test func `an attestation that does not hold stops the job`() async throws {
        try await withRunner { runner, folder in
            try addGH(&runner, code: 1)
            try runner.addChecksum(try await release(in: folder, runner))
            #expect(refusal(try await install(runner)).contains("attestation mismatch: \(Self.asset)"))
        }
    }

    @Test func `a missing gh is reported, and an error where verification is required`() async throws {
        try await withRunner { runner, folder in
            // Every program that the script needs, and no gh.
            try runner.make("few")
            for tool in [
                "bash", "sh", "sed", "sort", "tail", "uname", "mktemp", "curl", "sha256sum", "tar", "gzip", "grep",
                "mkdir", "cat", "cut", "dirname",
            ] {
                let found = path.split(separator: ":").map { "\($0)/\(tool)" }
                    .first { FileManager.default.isExecutableFile(atPath: $0) }
                try FileManager.default.createSymbolicLink(
                    atPath: "\(runner.folder)/few/\(tool)", withDestinationPath: try #require(found))
            }
            runner.environment["PATH"] = runner.folder + "/few"
            try runner.addChecksum(try await release(in: folder, runner))
            let refused = try await install(runner, ["verify-attestation": "require"])
            #expect(refusal(refused).contains("gh is not installed"), "\(refused.lines)")
            let told = try await install(runner)
            #expect(told.result == "success", "\(told.lines)")
            #expect(told.lines.contains("attestation: not verified (gh is not installed)"))
        }
    }

    @Test func `from source it builds what the action's own commit holds`() async throws {
        var runner = try FakeRunner(remote: try await GitFixture())
        try runner.make("make")
        try FakeRunner.writeProgram(
            """
            printf '%s\\n' "make: $*"
            for word; do case $word in PREFIX=*) prefix=${word#PREFIX=} ;; esac; done
            mkdir -p "$prefix/bin" && ln -s '\(Binaries.slipway)' "$prefix/bin/slipway"
            """, at: runner.folder + "/make/make")
        runner.environment["PATH"] = runner.folder + "/make:" + path
        let run = try await install(runner, ["install-from": "source"])
        #expect(run.result == "success", "\(run.lines)")
        #expect(run.lines.contains("make: -C \(runner.action) install PREFIX=\(runner.folder)/temp/slipway-source"))
        #expect(run.step("use")?.lines == [FakeRunner.actionVersion])
    }
}

/// What a release's archive holds, with the build left out, which takes minutes.
@Suite(.timeLimit(.minutes(3)))
struct ReleaseArchiveTests {
    private static let built = """
        #!/bin/sh
        mkdir -p "$1/bin" "$1/share/doc/slipway-control-plane/licenses"
        for program in slipway ${2:-}; do
            printf '#!/bin/sh\nexec %s "$@"\n' "$BUILT" >"$1/bin/$program" && chmod +x "$1/bin/$program"
        done
        """

    /// A repository with the release's scripts, whose build is a script that starts the binary that lies here already:
    /// packing that one takes long.
    private func repository() async throws -> GitFixture {
        let fixture = try await GitFixture()
        for name in ["package-release.sh", "pack.sh", "wheel.py", "deb.sh", "shell-files.sh", "man_pages.py"] {
            try fixture.write(
                "scripts/" + name, String(contentsOfFile: "\(Binaries.root)/scripts/\(name)", encoding: .utf8))
        }
        try fixture.write("scripts/build-release.sh", Self.built)
        try fixture.write("scripts/sbom.py", "import sys; print(sys.argv[1], sys.argv[4].split('/')[-1])")
        for name in ["LICENSE", "README.md", "CHANGELOG.md"] { try fixture.write(name, name) }
        _ = try await fixture.commit("A release")
        return fixture
    }

    private func shell(_ line: String, in folder: String) async throws -> Finished {
        var environment = ProcessInfo.processInfo.environment
        environment["BUILT"] = Binaries.slipway
        return try await Program(environment: environment, folder: folder).run("/bin/bash", ["-ec", line])
    }

    private func package(_ fixture: GitFixture, into folder: String) async throws -> String {
        let ending = try await shell(
            "chmod +x scripts/*; scripts/package-release.sh \"$($BUILT --version)\" linux-x86_64 \(folder) >&2; ls \(folder)",
            in: fixture.path)
        #expect(ending.code == 0, "\(ending.errors)")
        return try #require(ending.output.first { $0.hasSuffix(".tar.gz") })
    }

    @Test func `an archive holds the program, its completions, and man pages of the commit's day`() async throws {
        let fixture = try await repository()
        let archive = try await package(fixture, into: "dist")
        let listing = try await shell("tar -tzf dist/\(archive)", in: fixture.path).output
        let root = archive.dropLast(".tar.gz".count)
        for file in [
            "bin/slipway", "share/bash-completion/completions/slipway", "share/zsh/site-functions/_slipway",
            "share/fish/vendor_completions.d/slipway.fish", "share/man/man1/slipway.1",
            "share/man/man1/slipway-deploy.1", "LICENSE", "README.md",
        ] { #expect(listing.contains("\(root)/\(file)"), "\(listing)") }
        // The installers take the first part away.
        #expect(listing.allSatisfy { $0.hasPrefix(root + "/") })
        let others = try await shell("ls dist", in: fixture.path).output
        #expect(others.contains { $0.hasPrefix("slipway_deploy-") && $0.hasSuffix(".whl") }, "\(others)")
        #expect(others.contains { $0.hasPrefix("slipway_") && $0.hasSuffix(".deb") }, "\(others)")
        let lists = try await shell("cat dist/*.spdx.json", in: fixture.path).output
        #expect(lists.contains("slipway \(archive)"), "\(lists)")
        #expect(
            lists.contains { $0.hasPrefix("slipway-control-plane slipway_control_plane-") && $0.hasSuffix(".whl") },
            "\(lists)")
        let days = try await shell(
            """
            date -u -d @"$(git log -1 --format=%ct)" +'%B %-d, %Y'
            tar -xzOf dist/\(archive) --wildcards '*/man1/slipway.1' | sed -n 's/^.Dd //p'
            """, in: fixture.path
        ).output
        #expect(days.count == 2)
        #expect(days.first == days.last)
    }
}
