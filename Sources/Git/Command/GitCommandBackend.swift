import FoundationEssentials

/// Reads a repository through the `git` command alone.
struct GitCommandBackend: GitBackend {
    let command: GitCommand
    let layout: RepositoryLayout

    init(command: GitCommand, layout: RepositoryLayout) {
        self.command = command
        self.layout = layout
    }

    /// Finds the repository around the command's folder.
    init(opening command: GitCommand) async throws {
        let bare = try await command.run([
            "rev-parse", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir",
        ])
        let lines = bare.lines
        guard lines.count == 3 else { throw GitError(.other, "git rev-parse: unexpected answer \(bare.text)") }
        let isBare = lines[0] == "true"
        let worktree = isBare ? nil : try await command.optional(["rev-parse", "--show-toplevel"])?.text
        // Relative to the folder git ran in, unless it lies elsewhere.
        let common = lines[2].hasPrefix("/") ? lines[2] : "\(command.folder)/\(lines[2])"
        self.init(
            command: command,
            layout: RepositoryLayout(worktree: worktree, gitDirectory: lines[1], commonDirectory: common))
    }

    func commit(_ id: CommitID) async throws -> Commit {
        let format = "--format=%an%x00%ae%x00%ct%x00%s"
        let output = try await command.run(
            ["log", "-1", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8", format, id.description, "--"])
        let fields = output.text.split(separator: "\0", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 4, let seconds = Double(fields[2]) else {
            throw GitError.corruptObject("commit \(id) has no readable author or date")
        }
        return Commit(
            id: id, authorName: fields[0], authorEmail: fields[1], subject: fields[3],
            committedAt: Date(timeIntervalSince1970: seconds))
    }

    func workingTreeStatus() async throws -> WorkingTreeStatus {
        guard layout.worktree != nil else { return .clean }
        let output = try await command.run(
            ["status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=normal"])
        return WorkingTreeStatus(changedPaths: PorcelainStatus(output).changedPaths)
    }

    func remoteURL(named name: String) async throws -> String? {
        try await command.optional(["config", "--get", "remote.\(name).url"])?.text
    }
}
