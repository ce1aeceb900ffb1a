extension GitCommandBackend {
    func head() async throws -> Head {
        let reference = try await command.optional(["symbolic-ref", "--quiet", "HEAD"])?.text
        let branch = reference.flatMap { GitReference(fullName: $0) }
        guard let commit = try await verified("HEAD") else {
            throw GitError.unbornBranch(branch?.name ?? reference ?? "HEAD")
        }
        return Head(commit: commit, branch: branch?.name, tags: try await tags(pointingAt: commit))
    }

    /// `show-ref` follows a tag of a tag to its end, which `for-each-ref --points-at` does not.
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
        // git names neither of a tag and a branch that are called the same, though it resolves to the tag.
        let tag = "refs/tags/\(revision)"
        return try await verified(tag) == nil ? nil : GitReference(fullName: tag)
    }

    func remoteBranches(of remote: String) async throws -> [RemoteBranch] {
        let output = try await command.run([
            "for-each-ref", "--format=%(objectname) %(symref) %(refname)", "refs/remotes/\(remote)/",
        ])
        return try output.lines.compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            // origin/HEAD, which has a second field, only repeats another branch.
            guard fields.count == 3, fields[1].isEmpty else { return nil }
            guard let tip = CommitID(fields[0]) else { throw GitError(.other, "git for-each-ref: \(line)") }
            return RemoteBranch(name: String(fields[2].dropFirst("refs/remotes/".count)), tip: tip)
        }
    }

    /// `nil` when nothing has that name.
    private func verified(_ revision: String) async throws -> CommitID? {
        let arguments = ["rev-parse", "--quiet", "--verify", "--end-of-options", "\(revision)^{commit}"]
        let output = try await command.output(arguments)
        if output.isSuccess { return CommitID(output.lines.last ?? "") }
        if output.errorText.contains("ambiguous") {
            throw GitError(
                .ambiguousRef, "\(revision) means more than one object", hint: "give more digits of the commit id")
        }
        // Exit code 1 without a word: no such name. A damaged object is reported even so.
        if output.exitCode == 1, output.errorText.isEmpty { return nil }
        let failure = GitCommandFailure(output, arguments: arguments, folder: command.folder).gitError
        if failure.kind == .other { return nil }
        throw failure
    }
}
