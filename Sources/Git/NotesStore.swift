package import Clocks

/// This shares lines of text through git notes: `refs/notes/slipway` has them on the commits that they are about.
///
/// Two clones that add lines at once both keep theirs: notes are merged by lines, whatever the history of the reference.
package struct NotesStore: Sendable {
    package static let reference = "refs/notes/slipway"
    /// How often a push is tried that another clone was faster with.
    private static let attempts = 3
    /// Longer than git holds the lock of a reference.
    private static let lockPause: Duration = .milliseconds(200)

    private let repository: Repository
    private let clock: any RunClock
    /// Of a fetch, or of a whole push with what it needs.
    private let limit: Duration

    package init(_ repository: Repository, clock: any RunClock, limit: Duration = .seconds(15)) {
        self.repository = repository
        self.clock = clock
        self.limit = limit
    }

    /// What the notes of a clone say.
    package struct Contents: Sendable {
        /// The texts of all notes, each once.
        package fileprivate(set) var texts: Set<String> = []
        /// How many notes are so long that only their newest lines were read.
        package fileprivate(set) var shortened = 0
    }

    /// The notes of this clone, with those of the last fetch. Empty where there are none.
    package func read(fetchedFrom remote: Remote? = nil) async throws -> Contents {
        var contents = Contents()
        for reference in [Self.reference] + (remote.map { [Self.tracking($0)] } ?? []) {
            let notes = try await repository.backend.notes(at: reference)
            contents.texts.formUnion(notes.texts.values.map { String(decoding: $0, as: UTF8.self) })
            contents.shortened = max(contents.shortened, notes.shortened)
        }
        return contents
    }

    /// Fetches the notes of a remote; the clone's own stay as they are.
    ///
    /// - Returns: whether the remote has notes.
    /// - Throws: `GitError`, also after the time limit.
    @discardableResult
    package func fetch(from remote: Remote) async throws -> Bool {
        try await fetch(from: remote, until: clock.now.advanced(by: limit))
    }

    /// Adds lines to the notes of this clone only.
    package func append(_ lines: [CommitID: [String]]) async throws {
        try await repository.backend.mergeNotes(at: Self.reference, with: nil, adding: lines)
    }

    /// Adds lines, merges the notes of the remote, and pushes them.
    ///
    /// - Throws: `GitError`, also after the time limit; the lines are in this clone even then.
    package func share(_ lines: [CommitID: [String]], with remote: Remote) async throws {
        let deadline = clock.now.advanced(by: limit)
        try await append(lines)
        for attempt in 1...Self.attempts {
            let exists = try await fetch(from: remote, until: deadline)
            try await repository.backend.mergeNotes(
                at: Self.reference, with: exists ? Self.tracking(remote) : nil, adding: [:])
            let arguments = [
                "push", "--quiet", "--porcelain", "--", remote.name, "\(Self.reference):\(Self.reference)",
            ]
            let output = try await command(until: deadline).output(arguments)
            if output.isSuccess { return }
            guard attempt < Self.attempts, Self.wasOvertaken(output) else {
                throw Self.refused(output, arguments, repository)
            }
        }
    }

    private func fetch(from remote: Remote, until deadline: MonotonicInstant) async throws -> Bool {
        let tracking = Self.tracking(remote)
        // Without --no-filter a partial clone would fetch the notes without their text.
        let arguments =
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc"]
            + ["--no-filter", "--refmap=", "--", remote.name, "+\(Self.reference):\(tracking)"]
        var output = try await command(until: deadline).output(arguments)
        // Another process of this clone fetches too.
        for _ in 1..<Self.attempts where Self.isLocked(output) {
            try await clock.sleep(for: Self.lockPause)
            output = try await command(until: deadline).output(arguments)
        }
        if output.isSuccess { return true }
        guard output.errorText.contains("find remote ref") else { throw Self.refused(output, arguments, repository) }
        try await repository.backend.remove(reference: tracking)
        return false
    }

    private static func isLocked(_ output: GitOutput) -> Bool {
        !output.isSuccess && ["cannot lock ref", ".lock': File exists"].contains(where: output.errorText.contains)
    }

    private func command(until deadline: MonotonicInstant) throws -> GitCommand {
        let rest = clock.now.duration(to: deadline)
        guard rest > .zero else { throw GitError(.other, "git notes: timed out after \(limit.components.seconds) s") }
        return repository.command.usingNetwork(limit: rest, on: clock)
    }

    /// Whether another clone pushed first.
    private static func wasOvertaken(_ output: GitOutput) -> Bool {
        let text = output.text + output.errorText
        return [
            "[rejected]", "cannot lock ref", "failed to update ref", "incorrect old value", "reference already exists",
        ]
        .contains(where: text.contains)
    }

    private static func refused(_ output: GitOutput, _ arguments: [String], _ repository: Repository) -> GitError {
        // The reason of a rejected push is on standard output: "!<tab>ref<tab>[remote rejected] (reason)".
        let reason = output.lines.first { $0.hasPrefix("!") }?.split(separator: "\t").last.map(String.init)
        if let reason { return GitError(.other, "git push: \(reason)") }
        return GitCommandFailure(output, arguments: arguments, folder: repository.root).gitError
    }

    /// Where the notes of a remote are kept as they were last fetched; not below refs/notes, which `git log` may show.
    private static func tracking(_ remote: Remote) -> String { "refs/slipway/notes/\(remote.name)" }
}

extension GitBackend {
    private var unsupported: GitError {
        GitError(
            .unsupportedRepository, "git notes are not supported in this repository format",
            hint: "use a repository that libgit2 opens, such as one with SHA-1 object ids")
    }

    func notes(at reference: String) async throws -> GitNotes { throw unsupported }

    func mergeNotes(at reference: String, with other: String?, adding new: [CommitID: [String]]) async throws {
        throw unsupported
    }

    func remove(reference: String) async throws { throw unsupported }
}
