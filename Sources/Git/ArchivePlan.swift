import FoundationEssentials

/// This lists the contents of a source archive, decided before the first byte is written.
struct ArchivePlan: Sendable {
    let commit: CommitID
    /// The committer's time in seconds since 1970, used for every entry.
    let modificationTime: Int
    let entries: [TreeEntry]
    /// The contents of files that differ from those in the commit, by path.
    var substituted: [String: [UInt8]] = [:]

    /// - Parameter ignored: positions of the entries marked `export-ignore`; a folder includes its contents.
    init(commit: Commit, entries: [TreeEntry], ignored: Set<Int>) {
        self.commit = commit.id
        modificationTime = max(0, Int(commit.committedAt.timeIntervalSince1970))
        self.entries = Self.dropEmptyFolders(Self.drop(ignored, from: entries))
    }

    /// Throws `unarchivableContent` for a submodule, whose files are in another repository, for a link that leads out of
    /// the tree, and for a name that is not UTF-8.
    ///
    /// - Parameter links: the targets of the links by path.
    func validate(links: [String: String]) throws(GitError) {
        let resolver = LinkResolver(targets: links)
        for entry in entries {
            if entry.kind == .submodule {
                throw GitError(
                    .unarchivableContent,
                    "cannot archive submodule \(entry.path): its files are not in this repository",
                    hint: "deploy with --source github, or mark it export-ignore in .gitattributes")
            }
            if entry.rawPath != nil { throw GitError.nameIsNotUTF8(entry.path) }
            if entry.kind == .symbolicLink, resolver.resolve(entry.path) == .outside {
                throw GitError(
                    .unarchivableContent,
                    "symbolic link \(entry.path) points outside the repository: \(links[entry.path] ?? "")",
                    hint: "make the target relative and inside the repository, or mark it export-ignore in "
                        + ".gitattributes")
            }
        }
    }

    private static func drop(_ ignored: Set<Int>, from entries: [TreeEntry]) -> [TreeEntry] {
        guard !ignored.isEmpty else { return entries }
        var skipped: TreeEntry?
        return entries.enumerated().compactMap { position, entry in
            if let skipped, skipped.contains(entry) { return nil }
            skipped = nil
            guard ignored.contains(position) else { return entry }
            if entry.kind == .directory { skipped = entry }
            return nil
        }
    }

    /// git has no empty folders, so a folder whose contents are all ignored is dropped too.
    private static func dropEmptyFolders(_ entries: [TreeEntry]) -> [TreeEntry] {
        var kept: [TreeEntry] = []
        for entry in entries.reversed() {
            if entry.kind == .directory, kept.last.map(entry.contains) != true { continue }
            kept.append(entry)
        }
        return kept.reversed()
    }
}

/// This reads which files `.gitattributes` excludes from archives, and in which placeholders are replaced.
///
/// It asks `git`: libgit2 mixes in attributes of the working tree or the index, and treats `docs/` as a file.
struct AttributeReader: Sendable {
    private static let fileName = ".gitattributes"
    /// Larger attributes files are an error (bytes).
    private static let fileLimit = 1 << 20

    /// This is what the attributes say about the entries of a tree.
    struct Marked: Sendable {
        /// The positions of the entries marked `export-ignore`.
        var ignored: Set<Int> = []
        /// The paths of the files marked `export-subst`.
        var substituted: Set<String> = []
    }

    let git: GitCommand
    let layout: RepositoryLayout

    /// Starts `git` only when needed. Throws `gitMissing` when it is needed and missing.
    func read(_ entries: [TreeEntry], commit: CommitID, backend: any GitBackend) async throws -> Marked {
        guard try await isMentioned(in: entries, backend: backend) else { return Marked() }
        return try await ScratchGitDirectory.withTemporary(objectsOf: layout, commit: commit, base: git) { scratch in
            try await scratch.git.run(["read-tree", commit.description])
            // The slash marks a folder: a pattern such as `docs/` matches only folders.
            let names = entries.flatMap { entry -> [UInt8] in
                entry.kind == .directory ? entry.pathBytes + [UInt8(ascii: "/"), 0] : entry.pathBytes + [0]
            }
            let answer = try await scratch.git.run(
                ["check-attr", "--cached", "--stdin", "-z"] + Self.attributes, input: names)
            return try Self.marked(in: answer, of: entries)
        }
    }

    private func isMentioned(in entries: [TreeEntry], backend: any GitBackend) async throws -> Bool {
        for entry in entries where entry.path == Self.fileName || entry.path.hasSuffix("/\(Self.fileName)") {
            guard case .file = entry.kind else { continue }
            let text = try await backend.contents(of: entry, limit: Self.fileLimit)
            let words = String(decoding: text, as: UTF8.self)
            if Self.attributes.contains(where: words.contains) { return true }
        }
        return false
    }

    private static let attributes = ["export-ignore", "export-subst"]

    /// The output has three fields for each path and attribute, in input order: path, attribute, value.
    private static func marked(in answer: GitOutput, of entries: [TreeEntry]) throws(GitError) -> Marked {
        let fields = answer.records
        let width = 3 * attributes.count
        guard fields.count == width * entries.count else {
            throw GitError(
                .other, "git check-attr: unexpected output, \(fields.count) fields for \(entries.count) paths")
        }
        func isSet(_ attribute: Int, at position: Int) -> Bool {
            fields[width * position + 3 * attribute + 2].elementsEqual("set".utf8)
        }
        var marked = Marked()
        for (position, entry) in entries.enumerated() {
            if isSet(0, at: position) { marked.ignored.insert(position) }
            if case .file = entry.kind, isSet(1, at: position) { marked.substituted.insert(entry.path) }
        }
        return marked
    }
}

/// This replaces the `$Format:…$` placeholders of files marked `export-subst`, by taking the files from `git archive`.
struct SubstitutedFiles: Sendable {
    /// The largest file that may have placeholders (bytes).
    private static let fileLimit = 8 << 20
    /// The number of paths on one command line.
    private static let batch = 200
    private static let placeholder = "$Format:"

    let git: GitCommand
    let commit: CommitID

    /// Returns the new contents by path, only of files that have a placeholder.
    func read(_ files: [TreeEntry], backend: any GitBackend) async throws -> [String: [UInt8]] {
        var paths: [String] = []
        for file in files {
            let text = try await backend.contents(of: file, limit: Self.fileLimit)
            if String(decoding: text, as: UTF8.self).contains(Self.placeholder) { paths.append(file.path) }
        }
        var contents: [String: [UInt8]] = [:]
        for start in stride(from: 0, to: paths.count, by: Self.batch) {
            let batch = paths[start..<min(start + Self.batch, paths.count)]
            contents.merge(try await substituted(Array(batch))) { $1 }
        }
        return contents
    }

    /// The top folder does not matter to `git archive` when the repository is bare, and a subfolder would be its root
    /// otherwise. The line endings of this machine must not matter.
    private func substituted(_ paths: [String]) async throws -> [String: [UInt8]] {
        let top = try await git.optional(["rev-parse", "--show-cdup"])?.text ?? ""
        let command = GitCommand(
            folder: top.isEmpty ? git.folder : "\(git.folder)/\(top)",
            environment: git.environment.adding(["GIT_ATTR_NOSYSTEM": "1"]))
        let output = try await command.run(
            [
                "-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "core.attributesFile=/dev/null", "archive",
                "--format=tar", commit.description, "--",
            ] + paths)
        let contents = TarContents(output.bytes).files
        guard contents.count == paths.count else {
            throw GitError(.other, "git archive: unexpected output, \(contents.count) files for \(paths.count) paths")
        }
        return Dictionary(zip(paths, contents)) { $1 }
    }
}

/// This reads the contents of the files in a tar archive that git wrote, in their order.
private struct TarContents {
    private(set) var files: [[UInt8]] = []

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while rest.count >= TarHeader.blockSize, let size = Self.size(in: rest), size <= rest.count {
            let type = rest[rest.startIndex + 156]
            rest = rest.dropFirst(TarHeader.blockSize)
            if type == UInt8(ascii: "0") { files.append(Array(rest.prefix(size))) }
            rest = rest.dropFirst((size + TarHeader.blockSize - 1) / TarHeader.blockSize * TarHeader.blockSize)
        }
    }

    /// `nil` for the block of zeros at the end.
    private static func size(in header: ArraySlice<UInt8>) -> Int? {
        let digits = header.dropFirst(124).prefix(11)
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
