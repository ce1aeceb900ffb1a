import CLibgit2

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension LibGit2Backend {
    func entry(at path: String, in commit: CommitID) throws -> TreeEntry? {
        let tree = try tree(of: commit)
        var entry: OpaquePointer?
        let code = git_tree_entry_bypath(&entry, tree.pointer, path)
        defer { git_tree_entry_free(entry) }
        guard try LibGit2.found(code, "looking for \(path) in commit \(commit)"), let entry else { return nil }
        return Self.treeEntry(entry, path: Array(path.utf8))
    }

    func contents(of entry: TreeEntry, limit: Int) throws -> [UInt8] {
        try withContents(of: entry, limit: limit) { Array($0) }
    }

    func linkTargets(of entries: [TreeEntry]) throws -> [String: String] {
        var targets: [String: String] = [:]
        for entry in entries where entry.kind == .symbolicLink {
            targets[entry.path] = String(decoding: try contents(of: entry, limit: ArchiveFile.heldLimit), as: UTF8.self)
        }
        return targets
    }

    func entries(of commit: CommitID) throws -> [TreeEntry] {
        var entries: [TreeEntry] = []
        try append(tree: try tree(of: commit), under: [], to: &entries)
        return entries
    }

    func checkOut(_ commit: CommitID, into folder: String) throws {
        let tree = try tree(of: commit)
        var options = git_checkout_options()
        let action = "checking out commit \(commit) into \(folder)"
        try LibGit2.check(git_checkout_options_init(&options, UInt32(GIT_CHECKOUT_OPTIONS_VERSION)), action)
        options.checkout_strategy =
            GIT_CHECKOUT_FORCE.rawValue | GIT_CHECKOUT_DONT_UPDATE_INDEX.rawValue
            | GIT_CHECKOUT_DONT_WRITE_INDEX.rawValue | GIT_CHECKOUT_NO_REFRESH.rawValue
        // Writes the committed bytes, whatever the line-ending settings of this machine.
        options.disable_filters = 1
        // Uses an empty index: libgit2 may not support the format of the repository's index.
        let index = try Owned(git_index_free, action) { git_index_new(&$0) }
        try LibGit2.check(git_repository_set_index(repository, index.pointer), action)
        defer { git_repository_set_index(repository, nil) }
        try folder.withCString { target in
            options.target_directory = target
            try LibGit2.check(git_checkout_tree(repository, tree.pointer, &options), action)
        }
    }

    func writeArchive(_ plan: ArchivePlan, toPath path: String) async throws -> ArchiveInfo {
        if try plan.entries.contains(where: isLarge) {
            // git streams an object, libgit2 reads it only as a whole.
            do {
                return try await git.writeArchive(plan, toPath: path)
            } catch let error as GitError where error.kind == .gitMissing {
                return try writeHeldArchive(plan, toPath: path)
            }
        }
        return try writeHeldArchive(plan, toPath: path)
    }

    private func writeHeldArchive(_ plan: ArchivePlan, toPath path: String) throws -> ArchiveInfo {
        let archive = try ArchiveFile(plan, path: path)
        for entry in plan.entries {
            try Task.checkCancellation()
            guard entry.kind != .directory else {
                try archive.append(entry, contents: UnsafeRawBufferPointer(start: nil, count: 0))
                continue
            }
            if let contents = plan.substituted[entry.path] {
                try contents.withUnsafeBytes { try archive.append(entry, contents: $0) }
            } else {
                try withContents(of: entry, limit: ArchiveFile.fileLimit) { try archive.append(entry, contents: $0) }
            }
        }
        return try archive.finish()
    }

    private func withContents<Result>(
        of entry: TreeEntry, limit: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let action = "reading \(entry.path)"
        var id = git_oid()
        try LibGit2.check(git_oid_fromstr(&id, entry.objectID), action)
        try refuseLargerThan(limit, entry: entry, id: &id)
        let blob = try Owned(git_blob_free, action) { git_blob_lookup(&$0, repository, &id) }
        return try body(
            UnsafeRawBufferPointer(
                start: git_blob_rawcontent(blob.pointer), count: Int(git_blob_rawsize(blob.pointer))))
    }

    private func isLarge(_ entry: TreeEntry) throws -> Bool {
        guard case .file = entry.kind else { return false }
        var id = git_oid()
        try LibGit2.check(git_oid_fromstr(&id, entry.objectID), "reading \(entry.path)")
        return try size(of: entry, id: &id) > ArchiveFile.heldLimit
    }

    /// Checks the size before libgit2 loads the whole object into memory.
    private func refuseLargerThan(_ limit: Int, entry: TreeEntry, id: inout git_oid) throws {
        let size = try size(of: entry, id: &id)
        if size > limit { throw GitError.tooLarge(entry.path, size: size, limit: limit) }
    }

    private func size(of entry: TreeEntry, id: inout git_oid) throws -> Int {
        let database = try Owned(git_odb_free, "reading \(entry.path)") { git_repository_odb(&$0, repository) }
        var size = 0
        var type = GIT_OBJECT_ANY
        try LibGit2.check(git_odb_read_header(&size, &type, database.pointer, &id), "reading \(entry.path)")
        return size
    }

    private func tree(of commit: CommitID) throws(GitError) -> Owned {
        let commit = try lookUp(commit)
        return try Owned(git_tree_free, "reading the tree of a commit") { git_commit_tree(&$0, commit.pointer) }
    }

    private func append(tree: borrowing Owned, under folder: [UInt8], to entries: inout [TreeEntry]) throws {
        for position in 0..<git_tree_entrycount(tree.pointer) {
            guard let raw = git_tree_entry_byindex(tree.pointer, position) else { continue }
            let entry = Self.treeEntry(raw, path: folder + Self.name(of: raw))
            entries.append(entry)
            guard entry.kind == .directory else { continue }
            let subtree = try Owned(git_tree_free, "reading the tree \(entry.path)") {
                git_tree_lookup(&$0, repository, git_tree_entry_id(raw))
            }
            try append(tree: subtree, under: entry.pathBytes + [UInt8(ascii: "/")], to: &entries)
        }
    }

    private static func name(of entry: OpaquePointer) -> [UInt8] {
        guard let name = git_tree_entry_name(entry) else { return [] }
        return UnsafeBufferPointer(start: name, count: strlen(name)).map { UInt8(bitPattern: $0) }
    }

    private static func treeEntry(_ entry: OpaquePointer, path: [UInt8]) -> TreeEntry {
        TreeEntry(
            path: path, mode: git_tree_entry_filemode_raw(entry).rawValue,
            objectID: git_tree_entry_id(entry)?.pointee.hex ?? "")
    }
}
