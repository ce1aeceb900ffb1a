import ArgumentParser
import Engine
import Export
import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct ExportCommandTests {
    @Test(arguments: [
        ("targets.yml", "/r", "targets.yml", ""), ("ops/targets.yml", "/r", "ops/targets.yml", ""),
        ("targets.yml", "/r/ops", "targets.yml", "ops"), ("../targets.yml", "/r/ops/a", "../targets.yml", "ops/a"),
        ("/r/b/targets.yml", "/r/ops", "../b/targets.yml", "ops"), ("./a/../t.yml", "/r", "t.yml", ""),
    ])
    func `jobs find the file where the command did`(
        file: String, workingDirectory: String, found: String, directory: String
    ) throws {
        let paths = try ExportPaths(file: file, folder: "out", workingDirectory: workingDirectory, root: "/r")
        #expect(paths.file == found && paths.directory == directory)
        #expect(paths.folder == (directory.isEmpty ? "out" : "\(directory)/out"))
    }

    @Test(arguments: ["-", "/elsewhere/targets.yml", "../targets.yml"])
    func `a file that jobs cannot have is refused`(file: String) {
        #expect {
            _ = try ExportPaths(file: file, folder: "out", workingDirectory: "/r", root: "/r")
        } throws: { ($0 as? StepFailure)?.verdict == .usage }
    }

    private func folder() throws -> (folder: TemporaryFolder, target: ExportFolder) {
        let folder = try TemporaryFolder()
        return (folder, ExportFolder(path: folder.path + "/new/out", writer: ReportWriter(newSuffix: { "tmp" })))
    }

    private let files = [
        ExportedFile(name: "a.yml", text: "# \(ExportedFile.marker)\na: 1\n"),
        ExportedFile(name: "b.json", text: "{\n  \"$comment\": \"\(ExportedFile.marker)\"\n}\n"),
    ]

    @Test func `what was written is up to date until somebody changes it`() throws {
        let (folder, target) = try folder()
        defer { withExtendedLifetime(folder) {} }
        #expect(try target.differences(files).map(\.isMissing) == [true, true])
        try target.write(files, replacesOthers: false)
        #expect(try target.differences(files) == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: target.path).sorted() == ["a.yml", "b.json"])
        try "\(files[0].text)more: 1\n".write(toFile: target.path(of: files[0]), atomically: true, encoding: .utf8)
        #expect(try target.differences(files) == [.init(path: target.path(of: files[0]), isMissing: false)])
        // It is still ours to replace.
        try target.write(files, replacesOthers: false)
        #expect(try target.differences(files) == [])
    }

    @Test func `a file of somebody else is not replaced, nor any other written`() throws {
        let (folder, target) = try folder()
        defer { withExtendedLifetime(folder) {} }
        try FileManager.default.createDirectory(atPath: target.path, withIntermediateDirectories: true)
        try "mine\n".write(toFile: target.path(of: files[1]), atomically: true, encoding: .utf8)
        #expect {
            try target.write(files, replacesOthers: false)
        } throws: { error in
            (error as? StepFailure)?.verdict == .usage
                && (error as? StepFailure)?.message.contains(target.path(of: files[1])) == true
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == ["b.json"])
        #expect(try String(contentsOfFile: target.path(of: files[1]), encoding: .utf8) == "mine\n")
        try target.write(files, replacesOthers: true)
        #expect(try target.differences(files) == [])
    }

    @Test func `flags of another engine are refused`() throws {
        let paths = try ExportPaths(file: "t.yml", folder: "o", workingDirectory: "/r", root: "/r")
        for (flags, engine) in [
            (["--runs-on", "x"], ExportEngine.argo), (["--image", "x"], .github), (["--environment", "x"], .temporal),
        ] {
            #expect {
                _ = try ExportOptions.parse(flags).request(engine, paths)
            } throws: { ($0 as? StepFailure)?.message == "\(flags[0]) does not apply to \(engine.title)" }
        }
        for flag in ["--targets-per-shard", "--discovered"] {
            for number in ["0", "4097", "9223372036854775807"] {
                #expect(throws: (any Error).self) { try ExportOptions.parse([flag, number]) }
            }
        }
    }

    @Test func `the command takes its flags`() throws {
        let line = [
            "export", "--to", "gitlab", "targets.yml", "-o", "out", "--check", "--approve", "2", "--approve", "eu",
        ]
        let command = try #require(try RootCommand.parseAsRoot(line) as? ExportCommand)
        #expect(command.to == .gitlab && command.folder == "out" && command.check && !command.force)
        #expect(command.options.approve == ["2", "eu"])
    }
}
