import CLibgit2

extension LibGit2Backend {
    /// Of a longer note only the end is read, which has its newest lines (bytes).
    static let largestNote = 8 << 20
    /// How often a reference is written that other processes write too.
    private static let attempts = 100

    func notes(at reference: String) throws -> GitNotes {
        guard let tip = try tip(of: reference) else { return GitNotes() }
        return try notes(in: tip, longest: Self.largestNote)
    }

    func mergeNotes(at reference: String, with other: String?, adding new: [CommitID: [String]]) throws {
        for _ in 1...Self.attempts {
            let (own, theirs) = (try tip(of: reference), try other.flatMap { try tip(of: $0) })
            let merged = try merge(own, theirs, adding: new)
            guard let merged, merged != own else { return }
            if try write(reference, merged, replacing: own) { return }
        }
        throw GitError(.other, "cannot write \(reference): other processes write it", hint: "try again")
    }

    func remove(reference: String) throws {
        guard try tip(of: reference) != nil else { return }
        try LibGit2.check(git_reference_remove(repository, reference), "removing \(reference)")
    }

    private func tip(of reference: String) throws -> CommitID? {
        var id = git_oid()
        guard try LibGit2.found(git_reference_name_to_id(&id, repository, reference), "reading \(reference)") else {
            return nil
        }
        return try CommitID(id)
    }

    /// - Parameter longest: in bytes; nil for what is written back, which must be whole.
    private func notes(in tip: CommitID, longest: Int? = nil) throws -> GitNotes {
        let action = "reading git notes"
        let commit = try lookUp(tip)
        let iterator = try Owned(git_note_iterator_free, action) { git_note_commit_iterator_new(&$0, commit.pointer) }
        var notes = GitNotes()
        var (blob, annotated) = (git_oid(), git_oid())
        try LibGit2.iterate(action, step: { git_note_next(&blob, &annotated, iterator.pointer) }) {
            var id = blob
            let content = try Owned(git_blob_free, action) { git_blob_lookup(&$0, repository, &id) }
            let size = Int(git_blob_rawsize(content.pointer))
            guard let start = git_blob_rawcontent(content.pointer) else { return }
            var bytes = UnsafeRawBufferPointer(start: start, count: size)[...]
            if let longest, size > longest {
                // From the first whole line.
                bytes = bytes.suffix(longest).drop { $0 != UInt8(ascii: "\n") }
                notes.shortened += 1
            }
            notes.texts[try CommitID(annotated)] = String(decoding: bytes, as: UTF8.self)
        }
        return notes
    }

    /// The commit of notes that has all lines, and descends from `theirs`, so that it can be pushed; nil if there are
    /// none.
    private func merge(_ own: CommitID?, _ theirs: CommitID?, adding new: [CommitID: [String]]) throws -> CommitID? {
        var base = theirs ?? own
        var added = new
        if let own, let theirs, own != theirs {
            var (descendant, ancestor) = (try own.libGit2, try theirs.libGit2)
            let isAhead =
                try LibGit2.check(
                    git_graph_descendant_of(repository, &descendant, &ancestor), "comparing git notes") == 1
            if isAhead {
                base = own
            } else {
                for (id, text) in try notes(in: own).texts { added[id] = NoteLines.of(text) + (added[id] ?? []) }
            }
        }
        let known = added.isEmpty ? [:] : try base.map { try notes(in: $0).texts } ?? [:]
        for (id, lines) in added.sorted(by: { $0.key.description < $1.key.description }) {
            guard let text = NoteLines.adding(lines, to: known[id]) else { continue }
            base = try addNote(text, to: id, parent: base)
        }
        return base
    }

    private func addNote(_ text: String, to id: CommitID, parent: CommitID?) throws -> CommitID {
        let action = "writing git notes"
        let signature = try signature()
        defer { git_signature_free(signature) }
        var (made, target) = (git_oid(), try id.libGit2)
        if let parent {
            let commit = try lookUp(parent)
            try LibGit2.check(
                git_note_commit_create(
                    &made, nil, repository, commit.pointer, signature, signature, &target, text, 1), action)
        } else {
            try LibGit2.check(
                git_note_commit_create(&made, nil, repository, nil, signature, signature, &target, text, 1), action)
        }
        return try CommitID(made)
    }

    /// The user's name as git has it; CI jobs often have none.
    private func signature() throws -> UnsafeMutablePointer<git_signature>? {
        var signature: UnsafeMutablePointer<git_signature>?
        if git_signature_default(&signature, repository) >= 0 { return signature }
        try LibGit2.check(git_signature_now(&signature, "slipway", "slipway@localhost"), "writing git notes")
        return signature
    }

    /// Returns false when the reference is no longer what was read.
    private func write(_ reference: String, _ new: CommitID, replacing old: CommitID?) throws -> Bool {
        var id = try new.libGit2
        var made: OpaquePointer?
        defer { git_reference_free(made) }
        let message = "slipway: record a change"
        let code: Int32
        if let old {
            var current = try old.libGit2
            code = git_reference_create_matching(&made, repository, reference, &id, 1, &current, message)
        } else {
            code = git_reference_create(&made, repository, reference, &id, 0, message)
        }
        let overtaken = [GIT_EMODIFIED.rawValue, GIT_EEXISTS.rawValue, GIT_ELOCKED.rawValue, GIT_ENOTFOUND.rawValue]
        if overtaken.contains(code) { return false }
        try LibGit2.check(code, "writing \(reference)")
        return true
    }
}

/// The notes of a reference.
package struct GitNotes: Sendable, Equatable {
    /// By the id of what they are about.
    package internal(set) var texts: [CommitID: String] = [:]
    /// How many were too long to be read whole.
    package internal(set) var shortened = 0
}

/// This merges notes by lines.
enum NoteLines {
    static func of(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The text with the lines that it lacks at its end; nil when it lacks none.
    static func adding(_ lines: [String], to text: String?) -> String? {
        let old = of(text ?? "")
        var known = Set(old)
        let new = lines.filter { known.insert($0).inserted }
        return new.isEmpty ? nil : (old + new).joined(separator: "\n") + "\n"
    }
}
