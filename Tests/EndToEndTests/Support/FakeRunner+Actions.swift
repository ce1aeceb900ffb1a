import Foundation
import TestSupport
import WorkflowModel

/// The actions of others that the examples use, as far as they matter here.
extension FakeRunner {
    /// As actions/checkout does: the work tree is at the event's commit, on its branch if it has one, and one commit
    /// deep unless told otherwise; no tags.
    func checkout(_ with: [String: String], in state: inout JobState) async throws -> [String: String] {
        let github = state.contexts["github"] ?? .null
        var wanted = with["ref"] ?? ""
        var branch: String?
        if wanted.isEmpty {
            wanted = github["sha"].text
            let ref = github["ref"].text
            if ref.hasPrefix("refs/heads/") { branch = String(ref.dropFirst("refs/heads/".count)) }
        } else if wanted.count != 40 {
            branch = wanted
            wanted = "refs/heads/" + wanted
        }
        let depth = with["fetch-depth"] == "0" ? [] : ["--depth=1"]
        try? FileManager.default.removeItem(atPath: workspace)
        try make("workspace")
        try await git(["init", "--quiet", "."])
        try await git(["remote", "add", "origin", "file://" + remote.path])
        let target = branch.map { "refs/remotes/origin/" + $0 } ?? "refs/slipway/checkout"
        try await git(["fetch", "--quiet", "--no-tags"] + depth + ["origin", "+\(wanted):\(target)"])
        if let branch {
            try await git(["checkout", "--quiet", "--force", "-B", branch, target])
        } else {
            try await git(["checkout", "--quiet", "--force", "--detach", target])
        }
        return [:]
    }

    private func git(_ arguments: [String]) async throws {
        let ending = try await ScriptProcess(environment: environment, folder: workspace)
            .run("/usr/bin/env", ["git", "-c", "advice.detachedHead=false"] + arguments)
        guard ending.code == 0 else { throw Refused(reason: ending.lines.joined(separator: "\n")) }
    }

    /// Finding nothing is a failure, as with `if-no-files-found: error`.
    func upload(_ with: [String: String], in state: inout JobState) throws -> [String: String] {
        for path in (with["path"] ?? "").split(separator: "\n").map(String.init) {
            let full = path.hasPrefix("/") ? path : workspace + "/" + path
            guard FileManager.default.fileExists(atPath: full) else { throw Refused(reason: "nothing at \(path)") }
        }
        return [:]
    }
}
