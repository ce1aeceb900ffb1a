import Foundation
import TestSupport
import WorkflowModel

/// A machine that runs GitHub's jobs the way GitHub's runner does: its call of bash, its files, its signals, and its
/// reading of what a step prints. Actions other than ours are the few that the examples use.
struct FakeRunner: Sendable {
    static let repository = "acme/agents"
    static let actionRepository = "acme/slipway"
    static let actionVersion = "0.1.0"

    /// Everything of the machine is in here.
    let folder: String
    let remote: GitFixture
    var secrets: [String: String] = [:]
    var variables: [String: String] = [:]
    /// Of the machine itself, before any workflow.
    var environment: [String: String]

    struct Event: Sendable {
        var name: String
        var sha: String
        var ref: String
        var payload: [String: Value] = [:]
    }

    /// A machine whose checkouts come from `remote`, and which has our action as a release of it would be.
    init(remote: GitFixture, releases: String? = nil) throws {
        self.remote = remote
        folder = remote.folder + "/runner-" + UUID().uuidString.prefix(8)
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder + "/home",
            "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "CI": "true", "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": Self.repository, "GITHUB_SERVER_URL": releases ?? "http://127.0.0.1:9",
            "GITHUB_RUN_ID": "4711", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_ACTOR": "ada",
            "RUNNER_TEMP": folder + "/temp", "RUNNER_TOOL_CACHE": folder + "/tools", "RUNNER_OS": "Linux",
            "GITHUB_WORKSPACE": folder + "/workspace",
        ]
        for part in ["home", "temp", "tools", "workspace", "files"] { try make(part) }
        try copyAction()
    }

    var workspace: String { folder + "/workspace" }

    /// Where the runner unpacks our action: the files of the repository that it needs, without its history.
    var action: String { folder + "/_actions/\(Self.actionRepository)/v0" }

    func make(_ part: String) throws {
        try FileManager.default.createDirectory(atPath: folder + "/" + part, withIntermediateDirectories: true)
    }

    private func copyAction() throws {
        try FileManager.default.createDirectory(atPath: action, withIntermediateDirectories: true)
        for part in ["action.yml", "setup"] {
            try FileManager.default.copyItem(atPath: Binaries.root + "/" + part, toPath: action + "/" + part)
        }
    }

    /// Puts what was built where a release of `actionVersion` would have been cached.
    ///
    /// A script in its place, so that nothing large is copied; it becomes slipway, as the action's shell does.
    func cacheRelease() throws {
        let sum = String(repeating: "0", count: 63) + "1"
        let cached = environment["RUNNER_TOOL_CACHE", default: ""] + "/slipway/\(Self.actionVersion)/\(sum)"
        try FileManager.default.createDirectory(atPath: cached + "/bin", withIntermediateDirectories: true)
        try Self.writeProgram("exec '\(Binaries.slipway)' \"$@\"", at: cached + "/bin/slipway")
        try Data().write(to: URL(filePath: cached + ".complete"))
        try addChecksum(sum)
    }

    /// Adds a line to the action's own table.
    func addChecksum(_ sum: String, machine: String = Self.machine) throws {
        let line = "\(sum)  slipway-\(Self.actionVersion)-\(machine).tar.gz\n"
        let table = URL(filePath: action + "/setup/checksums.txt")
        try Data((String(contentsOf: table, encoding: .utf8) + line).utf8).write(to: table)
    }

    static func writeProgram(_ script: String, at path: String) throws {
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    #if arch(arm64)
        static let machine = "linux-aarch64"
    #else
        static let machine = "linux-x86_64"
    #endif

    func file(_ name: String) -> String { folder + "/files/" + name }

    static func text(of path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
