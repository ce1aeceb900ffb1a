import Foundation
import Git
import TestSupport

/// This lists the names, kinds, permissions and contents of a folder.
struct FolderListing: Equatable {
    private enum Entry: Equatable {
        case folder
        case link(to: String)
        case file(Data, executable: Bool)
    }

    private let entries: [String: Entry]

    var names: [String] { entries.keys.sorted() }

    init(_ folder: String) throws {
        var entries: [String: Entry] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            entries[name] = try Self.describe("\(folder)/\(name)")
        }
        self.entries = entries
    }

    /// Extracts an archive with `tar`.
    init(archive: String) throws {
        let folder = "\(archive)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try ToolRun.output("tar", "--extract", "--no-same-permissions", "--directory", folder, "--file", archive)
        try self.init(folder)
    }

    /// Extracts the output of `git archive` for a commit.
    init(extracting commit: CommitID, from fixture: GitFixture) throws {
        let archive = "\(fixture.folder)/reference-\(UUID().uuidString).tar"
        try ToolRun.output("git", "-C", fixture.path, "archive", "--output", archive, commit.description)
        try self.init(archive: archive)
    }

    private static func describe(_ path: String) throws -> Entry {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        switch attributes[.type] as? FileAttributeType {
        case .typeDirectory: return .folder
        case .typeSymbolicLink: return .link(to: try FileManager.default.destinationOfSymbolicLink(atPath: path))
        default:
            let permissions = attributes[.posixPermissions] as? Int ?? 0
            return .file(try Data(contentsOf: URL(filePath: path)), executable: permissions & 0o111 != 0)
        }
    }
}

/// This runs a system tool that checks an archive.
enum ToolRun {
    struct Failure: Error {
        let command: [String]
    }

    @discardableResult
    static func output(_ command: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: command) }
        return String(decoding: output, as: UTF8.self)
    }
}
