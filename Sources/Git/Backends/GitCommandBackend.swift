import FoundationEssentials

/// This backend reads a repository with the `git` command.
struct GitCommandBackend: GitBackend {
    let command: GitCommand
    let layout: RepositoryLayout

    init(command: GitCommand, layout: RepositoryLayout) {
        self.command = command
        self.layout = layout
    }

    /// Opens the repository that contains the command's folder.
    init(opening command: GitCommand) async throws {
        let bare = try await command.run([
            "rev-parse", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir",
        ])
        let lines = bare.lines
        guard lines.count == 3 else { throw GitError(.other, "git rev-parse: unexpected output: \(bare.text)") }
        let isBare = lines[0] == "true"
        let worktree = isBare ? nil : try await command.optional(["rev-parse", "--show-toplevel"])?.text
        // git prints it relative to its folder, or absolute.
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
            throw GitError.corruptObject("commit \(id): author or date unreadable")
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

    func configuration(matching pattern: String) async throws -> [ConfigurationEntry] {
        let output = try await command.optional(["config", "-z", "--get-regexp", pattern])
        return output?.records.map { record in
            let parts = record.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
            return ConfigurationEntry(
                name: String(decoding: parts.first ?? [], as: UTF8.self),
                value: parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : "")
        } ?? []
    }

    func head() async throws -> Head {
        let reference = try await command.optional(["symbolic-ref", "--quiet", "HEAD"])?.text
        let branch = reference.flatMap { GitReference(fullName: $0) }
        guard let commit = try await verified("HEAD") else {
            throw GitError.unbornBranch(branch?.name ?? reference ?? "HEAD")
        }
        return Head(commit: commit, branch: branch?.name, tags: try await tags(pointingAt: commit))
    }

    /// `show-ref` dereferences a tag of a tag, which `for-each-ref --points-at` does not.
    private func tags(pointingAt commit: CommitID) async throws -> [String] {
        let lines = try await command.optional(["show-ref", "--tags", "--dereference"])?.lines ?? []
        let names = lines.compactMap { line -> String? in
            let fields = line.split(separator: " ", maxSplits: 1)
            guard fields.count == 2, fields[0] == commit.description else { return nil }
            let name = fields[1].hasSuffix("^{}") ? fields[1].dropLast(3) : fields[1]
            return GitReference(fullName: String(name))?.name
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func resolve(_ revision: String) async throws -> ResolvedCommit? {
        guard let commit = try await verified(revision) else { return nil }
        return ResolvedCommit(text: revision, commit: commit, reference: try await reference(named: revision))
    }

    private func reference(named revision: String) async throws -> GitReference? {
        let name = try await command.output(["rev-parse", "--symbolic-full-name", "--end-of-options", revision])
        if let fullName = name.lines.first(where: { $0.hasPrefix("refs/") }) { return GitReference(fullName: fullName) }
        // When a tag and a branch have the same name, git resolves to the tag but prints neither name.
        let tag = "refs/tags/\(revision)"
        return try await verified(tag) == nil ? nil : GitReference(fullName: tag)
    }

    func remoteBranches(of remote: String) async throws -> [RemoteBranch] {
        let output = try await command.run([
            "for-each-ref", "--format=%(objectname) %(symref) %(refname)", "refs/remotes/\(remote)/",
        ])
        return try output.lines.compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            // origin/HEAD, a symbolic reference to another branch, has a second field.
            guard fields.count == 3, fields[1].isEmpty else { return nil }
            guard let tip = CommitID(fields[0]) else {
                throw GitError(.other, "git for-each-ref: unexpected line: \(line)")
            }
            return RemoteBranch(name: String(fields[2].dropFirst("refs/remotes/".count)), tip: tip)
        }
    }

    /// `nil` when the revision is not found.
    private func verified(_ revision: String) async throws -> CommitID? {
        let arguments = ["rev-parse", "--quiet", "--verify", "--end-of-options", "\(revision)^{commit}"]
        let output = try await command.output(arguments)
        if output.isSuccess { return CommitID(output.lines.last ?? "") }
        if output.errorText.contains("ambiguous") {
            throw GitError(
                .ambiguousRef, "ambiguous revision: \(revision)", hint: "use more digits of the commit id")
        }
        // Exit code 1 without a message: not found. For a damaged object git prints an error.
        if output.exitCode == 1, output.errorText.isEmpty { return nil }
        let failure = GitCommandFailure(output, arguments: arguments, folder: command.folder).gitError
        if failure.kind == .other { return nil }
        throw failure
    }

    func hasCommit(_ id: CommitID) async throws -> Bool {
        try await command.output(["cat-file", "-e", "\(id)^{commit}"]).isSuccess
    }

    /// Walks from the tips, with the commit as a boundary. Walking from the commit with the tips excluded would be
    /// shorter, but git treats a missing commit on the excluded side as a root.
    func isReachable(_ commit: CommitID, fromAny tips: [CommitID]) async throws -> Bool {
        if tips.contains(commit) { return true }
        guard !tips.isEmpty else { return false }
        let revisions = tips.map(\.description) + ["^\(commit)"]
        return try await revisionList(revisions, options: ["--boundary"]).contains("-\(commit)")
    }

    func commits(reachableFrom starts: [CommitID], butNotFrom ends: [CommitID]) async throws -> [CommitID] {
        let revisions = starts.map(\.description) + ends.map { "^\($0)" }
        return try await revisionList(revisions, options: []).compactMap { CommitID($0) }
    }

    /// Revisions are passed on standard input: there may be too many for a command line.
    private func revisionList(_ revisions: [String], options: [String]) async throws -> [String] {
        let input = revisions.joined(separator: "\n") + "\n"
        return try await command.run(["rev-list"] + options + ["--stdin"], input: Array(input.utf8)).lines
    }
}
