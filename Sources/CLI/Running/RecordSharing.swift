import Clocks
import Engine
import FoundationEssentials
import Git
import History
import Reports

/// Shares the records of a run as git notes of the repository that contains a folder.
struct RecordSharing: Sendable {
    let folder: String
    let clock: any RunClock

    /// Says in one line what was done; a record that cannot be shared is a warning.
    func share(_ summary: RunSummary, _ diagnostics: DiagnosticPrinter) async {
        let records = ChangeRecords.of(summary)
        guard !records.isEmpty else { return }
        do {
            diagnostics.note(try await share(records))
        } catch {
            let reason = (error as? GitError)?.message ?? "\(error)"
            diagnostics.warning(
                "cannot share the record of this change: \(reason)",
                hint: "the journal on this machine has it; check that git can push \(NotesStore.reference)"
                    + " (in GitHub Actions: permissions: contents: write)")
        }
    }

    private func share(_ records: [ChangeRecord]) async throws -> String {
        let repository = try await Repository.open(containing: folder)
        let store = NotesStore(repository, clock: clock)
        var lines: [CommitID: [String]] = [:]
        for record in records {
            // A change without a commit, such as a deletion, is noted where its run stood.
            var commit = record.commitSHA.flatMap { CommitID($0) }
            if commit == nil { commit = try await repository.head().commit }
            guard let commit else { continue }
            lines[commit, default: []].append(try record.line())
        }
        guard let remote = try await repository.defaultRemote() else {
            try await store.append(lines)
            return "recorded in \(NotesStore.reference) of this clone, which has no remote to push to"
        }
        try await store.share(lines, with: remote)
        return "recorded in \(NotesStore.reference), pushed to \(remote.name)"
    }
}

/// Finds the records of changes: those of the runs on this machine, and those that clones shared.
struct RecordLookup: Sendable {
    let state: StatePaths
    let folder: String
    let clock: any RunClock

    /// The records of the runs on this machine about deployments whose id or name is one of `texts`; empty for all.
    func ofJournals(about texts: Set<String>) -> [ChangeRecord] {
        let needles = texts.map { Data($0.utf8) }
        return state.runs.flatMap { run -> [ChangeRecord] in
            guard let data = FileManager.default.contents(atPath: state.journal(of: run)),
                needles.isEmpty || needles.contains(where: { data.firstRange(of: $0) != nil })
            else { return [] }
            return records(of: state.journal(of: run), data)
        }
    }

    private func records(of journal: String, _ data: Data) -> [ChangeRecord] {
        guard let summary = Self.summary(data) else { return [] }
        guard summary.verdict == nil else { return ChangeRecords.of(summary, isBeingWritten: false) }
        guard !RunRetention.isActive(journal) else { return ChangeRecords.of(summary, isBeingWritten: true) }
        // It may have ended between the two looks at it.
        let ended = FileManager.default.contents(atPath: journal).flatMap(Self.summary)
        return ChangeRecords.of(ended ?? summary, isBeingWritten: false)
    }

    /// Nil for a damaged journal, or one of an earlier version: it tells nothing here.
    private static func summary(_ data: Data) -> RunSummary? {
        (try? JournalReader(data).events).map { RunSummary(events: $0) }
    }

    /// What the git notes of the clone say.
    struct Notes: Sendable {
        var records: [ChangeRecord] = []
        /// The remote that could have more; nil if there is none.
        var remote: String?
        /// Why they could not be fetched or read.
        var problem: String?
        /// How many notes are so long that only their newest lines were read.
        var shortened = 0

        /// What they lack although they were read; nil if nothing.
        var gap: String? {
            switch shortened {
            case 0: nil
            case 1: "a git note with records is longer than 8 MiB: only its newest lines were read"
            default: "\(shortened) git notes with records are longer than 8 MiB: only their newest lines were read"
            }
        }

        static let gapHint = "older changes may be shown without their records"
    }

    /// On all cores: thousands of records take longer to decode than everything else here.
    private static func records(in texts: Set<String>) async -> [ChangeRecord] {
        await withTaskGroup(of: [ChangeRecord].self) { group in
            for text in texts { group.addTask { ChangeRecord.all(in: text) } }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Fetches the notes of the remote for the reads that follow. Returns why it could not.
    func fetchNotes() async -> String? {
        do {
            let repository = try await Repository.open(containing: folder)
            guard let remote = try await repository.defaultRemote() else { return nil }
            try await NotesStore(repository, clock: clock).fetch(from: remote)
            return nil
        } catch {
            return (error as? GitError)?.message ?? "\(error)"
        }
    }

    func ofNotes(fetching: Bool) async -> Notes {
        var notes = Notes()
        // The command needs no repository.
        guard let repository = try? await Repository.open(containing: folder) else {
            notes.problem = fetching ? "no git repository in \(folder)" : nil
            return notes
        }
        let store = NotesStore(repository, clock: clock)
        do {
            let remote = try await repository.defaultRemote()
            notes.remote = remote?.name
            if fetching { notes.problem = await fetchNotes() }
            let contents = try await store.read(fetchedFrom: remote)
            notes.records = await Self.records(in: contents.texts)
            notes.shortened = contents.shortened
        } catch {
            notes.problem = (error as? GitError)?.message ?? "\(error)"
        }
        return notes
    }
}
