import CLibgit2

extension LibGit2Backend {
    /// Of a longer note only the end is read, which has its newest lines (bytes).
    static let largestNote = 8 << 20
    /// How often a reference is written that other processes write too.
    private static let attempts = 100
    private static let writing = "writing git notes"
    private static let message = "slipway: record a change"

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
            let content = try Owned(git_blob_free, action) { git_blob_lookup(&$0, repository, &blob) }
            let size = Int(git_blob_rawsize(content.pointer))
            guard let start = git_blob_rawcontent(content.pointer) else { return }
            var bytes = UnsafeRawBufferPointer(start: start, count: size)[...]
            if let longest, size > longest {
                // From the first whole line.
                bytes = bytes.suffix(longest).drop { $0 != UInt8(ascii: "\n") }
                notes.shortened += 1
            }
            let id = try CommitID(annotated)
            // A tree can have two notes of one object, in a folder and beside it.
            let text = Array(bytes)
            let other = notes.texts[id]
            notes.texts[id] = other.map { NoteLines.adding(NoteLines.of(text[...]), to: $0) ?? $0 } ?? text
        }
        return notes
    }

    /// The commit of notes that has all lines, and descends from `theirs`, so that it can be pushed; nil if there are
    /// none.
    private func merge(_ own: CommitID?, _ theirs: CommitID?, adding new: [CommitID: [String]]) throws -> CommitID? {
        var base = theirs ?? own
        var added = new.mapValues { $0.map { Array($0.utf8)[...] } }
        if let own, let theirs, own != theirs {
            var (descendant, ancestor) = (try own.libGit2, try theirs.libGit2)
            let isAhead =
                try LibGit2.check(
                    git_graph_descendant_of(repository, &descendant, &ancestor), "comparing git notes") == 1
            if isAhead {
                base = own
            } else {
                for (id, text) in try notes(in: own).texts { added[id] = NoteLines.of(text[...]) + (added[id] ?? []) }
            }
        }
        let known = added.isEmpty ? [:] : try base.map { try notes(in: $0).texts } ?? [:]
        let changed = added.compactMap { id, lines in NoteLines.adding(lines, to: known[id]).map { (id, $0) } }
        return changed.isEmpty ? base : try commit(changed, after: base)
    }

    /// A commit of notes that replaces these texts of its parent.
    ///
    /// Trees and blobs, because libgit2's own functions take a note as a C string: it ends at the first NUL.
    private func commit(_ texts: [(id: CommitID, bytes: [UInt8])], after parent: CommitID?) throws -> CommitID {
        var parents: [OpaquePointer?] = []
        defer { parents.forEach(git_commit_free) }
        var root: git_oid?
        if let parent {
            let commit = try lookUp(parent)
            var copy: OpaquePointer?
            try LibGit2.check(git_commit_dup(&copy, commit.pointer), Self.writing)
            parents.append(copy)
            root = git_commit_tree_id(copy)?.pointee
        }
        for (id, bytes) in texts { root = try tree(root, with: bytes, on: id) }
        guard var root else { throw GitError(.other, "\(Self.writing): no notes") }
        let tree = try Owned(git_tree_free, Self.writing) { git_tree_lookup(&$0, repository, &root) }
        let signature = try signature()
        defer { git_signature_free(signature) }
        var made = git_oid()
        try LibGit2.check(
            git_commit_create(
                &made, repository, nil, signature, signature, nil, Self.message, tree.pointer, parents.count, &parents),
            Self.writing)
        return try CommitID(made)
    }

    private func tree(_ root: git_oid?, with note: [UInt8], on id: CommitID) throws -> git_oid {
        var (blob, made) = (git_oid(), git_oid())
        try LibGit2.check(git_blob_create_from_buffer(&blob, repository, note, note.count), Self.writing)
        var old: OpaquePointer?
        defer { git_tree_free(old) }
        if var root { try LibGit2.check(git_tree_lookup(&old, repository, &root), Self.writing) }
        let path = try old.map { try Self.path(of: id, in: $0) } ?? id.description
        try path.withCString { path in
            var update = git_tree_update(
                action: GIT_TREE_UPDATE_UPSERT, id: blob, filemode: GIT_FILEMODE_BLOB, path: path)
            try LibGit2.check(git_tree_create_updated(&made, repository, old, 1, &update), Self.writing)
        }
        return made
    }

    /// Where the note of an object stands: git spreads many over folders that are named by the first digits.
    private static func path(of id: CommitID, in tree: OpaquePointer) throws -> String {
        var (folder, digits) = ("", id.description)
        while digits.count > 2, try kind(of: folder + digits, in: tree) != GIT_OBJECT_BLOB {
            let next = folder + digits.prefix(2)
            guard try kind(of: next, in: tree) == GIT_OBJECT_TREE else { break }
            folder = next + "/"
            digits.removeFirst(2)
        }
        return folder + digits
    }

    /// Nil where there is nothing.
    private static func kind(of path: String, in tree: OpaquePointer) throws -> git_object_t? {
        var entry: OpaquePointer?
        defer { git_tree_entry_free(entry) }
        guard try LibGit2.found(git_tree_entry_bypath(&entry, tree, path), "reading git notes") else { return nil }
        return git_tree_entry_type(entry)
    }

    /// The user's name as git has it; CI jobs often have none.
    private func signature() throws -> UnsafeMutablePointer<git_signature>? {
        var signature: UnsafeMutablePointer<git_signature>?
        if git_signature_default(&signature, repository) >= 0 { return signature }
        try LibGit2.check(git_signature_now(&signature, "slipway", "slipway@localhost"), Self.writing)
        return signature
    }

    /// Returns false when the reference is no longer what was read.
    private func write(_ reference: String, _ new: CommitID, replacing old: CommitID?) throws -> Bool {
        var id = try new.libGit2
        var made: OpaquePointer?
        defer { git_reference_free(made) }
        let code: Int32
        if let old {
            var current = try old.libGit2
            code = git_reference_create_matching(&made, repository, reference, &id, 1, &current, Self.message)
        } else {
            code = git_reference_create(&made, repository, reference, &id, 0, Self.message)
        }
        let overtaken = [GIT_EMODIFIED.rawValue, GIT_EEXISTS.rawValue, GIT_ELOCKED.rawValue, GIT_ENOTFOUND.rawValue]
        if overtaken.contains(code) { return false }
        try LibGit2.check(code, "writing \(reference)")
        return true
    }
}

/// The notes of a reference.
package struct GitNotes: Sendable, Equatable {
    /// Their bytes, by the id of what they are about.
    package internal(set) var texts: [CommitID: [UInt8]] = [:]
    /// How many were too long to be read whole.
    package internal(set) var shortened = 0
}

/// This merges notes by lines, which are bytes: who can push can write anything into a note.
enum NoteLines {
    private static let end = UInt8(ascii: "\n")

    static func of(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        text.split(separator: end).filter { !$0.allSatisfy(isBlank) }
    }

    /// The text as it is, with the lines that it lacks at its end; nil when it lacks none.
    static func adding(_ lines: [ArraySlice<UInt8>], to old: [UInt8]?) -> [UInt8]? {
        var text = old ?? []
        var known = Set(of(text[...]))
        let new = lines.filter { known.insert($0).inserted }
        guard !new.isEmpty else { return nil }
        if let last = text.last, last != end { text.append(end) }
        for line in new { text += line + [end] }
        return text
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
