import FoundationEssentials
package import Git
import Subprocess

/// A git repository in a temporary folder, made with the real `git` and removed with the last reference to it.
///
/// Identity and dates are fixed, so the same steps give the same commit ids; the configuration of the machine and
/// of the user is not read.
package actor GitFixture {
    /// The working tree, or the git directory of a bare repository.
    package nonisolated let path: String
    /// The temporary folder around it, where clones go.
    package nonisolated let folder: String
    private let owner: GitFixture?
    private var commitCount = 0

    /// An empty repository on branch `main`.
    package init(options: [String] = []) async throws {
        folder = try Self.makeFolder()
        path = "\(folder)/repository"
        owner = nil
        try await Self.run(["init", "--quiet", "--initial-branch=main"] + options + [path], in: folder)
    }

    /// A repository that `git` created inside the folder of another fixture, which is kept alive by this one.
    private init(path: String, inside owner: GitFixture) {
        self.path = path
        folder = owner.folder
        self.owner = owner
    }

    deinit {
        guard owner == nil else { return }
        // A left-over folder is removed by the system.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs `git` in the working tree and returns its output without the last line break. Throws when it fails.
    @discardableResult
    package func git(_ arguments: String...) async throws -> String {
        try await Self.run(arguments, in: path, date: date)
    }

    /// Commits everything in the working tree.
    @discardableResult
    package func commit(_ message: String = "Change something") async throws -> CommitID {
        try await git("add", "--all")
        return try await commitStaged(message)
    }

    /// Commits the index.
    @discardableResult
    package func commitStaged(_ message: String = "Change something") async throws -> CommitID {
        commitCount += 1
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
        return try await id(of: "HEAD")
    }

    package func id(of revision: String) async throws -> CommitID {
        let text = try await git("rev-parse", "--verify", "\(revision)^{commit}")
        guard let id = CommitID(text) else { throw GitFixtureError("rev-parse \(revision) gave \(text)") }
        return id
    }

    /// Clones this repository next to it.
    package func clone(named name: String = "clone", options: [String] = []) async throws -> GitFixture {
        let target = "\(folder)/\(name)"
        // A plain path would make git ignore --depth and --filter.
        try await Self.run(["clone", "--quiet"] + options + ["file://\(path)", target], in: folder)
        return GitFixture(path: target, inside: self)
    }

    /// A linked worktree, submodule or copy that `git` created in this fixture's folder.
    package func fixture(at path: String) -> GitFixture {
        GitFixture(path: path, inside: self)
    }

    private var date: String { "\(1_700_000_000 + 60 * commitCount) +0000" }
}

extension GitFixture {
    /// Writes a file into the working tree and creates its folders.
    package nonisolated func write(_ name: String, _ text: String = "", executable: Bool = false) throws {
        try write(name, bytes: Array(text.utf8), executable: executable)
    }

    package nonisolated func write(_ name: String, bytes: [UInt8], executable: Bool = false) throws {
        let target = "\(path)/\(name)"
        try makeFolder(around: target)
        try Data(bytes).write(to: URL(filePath: target))
        let permissions = executable ? 0o755 : 0o644
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: target)
    }

    package nonisolated func link(_ name: String, to target: String) throws {
        try makeFolder(around: "\(path)/\(name)")
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    package nonisolated func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    static func makeFolder() throws -> String {
        let base = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        let folder = "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/slipway-fixture-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    private nonisolated func makeFolder(around file: String) throws {
        let folder = URL(filePath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
}

extension GitFixture {
    private static let settings = [
        "-c", "commit.gpgSign=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
        // For submodules that are cloned from the same folder.
        "-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false",
    ]

    @discardableResult
    static func run(_ arguments: [String], in folder: String, date: String = "1700000000 +0000") async throws -> String
    {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(["-C", folder] + settings + arguments),
            environment: .custom(environment(home: folder, date: date)),
            output: .bytes(limit: .max), error: .bytes(limit: .max))
        guard result.terminationStatus.isSuccess else {
            let reason = String(decoding: result.standardError, as: UTF8.self)
            throw GitFixtureError("git \(arguments.joined(separator: " ")): \(reason)")
        }
        let text = String(decoding: result.standardOutput, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func environment(home: String, date: String) -> [Environment.Key: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": home, "LC_ALL": "C", "TZ": "UTC",
            // No sample hooks: a dozen fewer files in every repository.
            "GIT_TEMPLATE_DIR": "",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "Ada Example", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": "Carl Example", "GIT_COMMITTER_EMAIL": "carl@example.com",
            "GIT_COMMITTER_DATE": date,
        ]
    }
}

/// A `git` command of a fixture that failed.
package struct GitFixtureError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
