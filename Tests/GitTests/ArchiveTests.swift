import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct ArchiveTests {
    @Test(arguments: Reader.allCases)
    func `unpacks to the same files as git archive, even with a dirty working tree`(reader: Reader) async throws {
        let fixture = try await GitFixture.withManyKindsOfEntries()
        let id = try await fixture.id(of: "HEAD")
        try fixture.write("agent.py", "dirty")
        let path = "\(fixture.folder)/archive.tar.gz"

        let info = try await reader.open(fixture).tree(of: id).writeArchive(toPath: path)

        #expect(try FolderListing(archive: path) == FolderListing(extracting: id, from: fixture))
        #expect(info.size == (try Data(contentsOf: URL(filePath: path))).count)
        #expect(info.fileCount == GitFixture.manyKindsFileCount)
    }

    @Test func `has the same bytes from another clone and with each reader`() async throws {
        let fixture = try await GitFixture.withManyKindsOfEntries()
        let clone = try await fixture.clone()
        let id = try await fixture.id(of: "HEAD")
        var archives: Set<Data> = []
        for source in [fixture, clone] {
            for reader in Reader.allCases {
                let path = "\(fixture.folder)/\(UUID().uuidString)"
                _ = try await reader.open(source).tree(of: id).writeArchive(toPath: path)
                archives.insert(try Data(contentsOf: URL(filePath: path)))
            }
        }
        #expect(archives.count == 1)
    }

    @Test func `a streamed file gives the same bytes as one read as a whole`() async throws {
        let fixture = try await GitFixture()
        // Not a multiple of a piece, nor of a block.
        let size = ArchiveFile.heldLimit + 12_345
        let large = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
        try large.write(to: URL(filePath: fixture.path + "/model.bin"))
        try fixture.write("agent.py", "original")
        let id = try await fixture.commit()
        var archives: Set<Data> = []
        for reader in Reader.allCases {
            let path = "\(fixture.folder)/\(UUID().uuidString).tar.gz"
            let info = try await reader.open(fixture).tree(of: id).writeArchive(toPath: path)
            #expect(info.fileCount == 2)
            archives.insert(try Data(contentsOf: URL(filePath: path)))
            #expect(try FolderListing(archive: path) == FolderListing(extracting: id, from: fixture))
        }
        // Without git, libgit2 has to hold it.
        let environment = Repository.plainEnvironment.merging(["PATH": "/nonexistent"]) { $1 }
        let path = "\(fixture.folder)/held.tar.gz"
        _ = try await Repository.open(containing: fixture.path, environment: environment).tree(of: id)
            .writeArchive(toPath: path)
        archives.insert(try Data(contentsOf: URL(filePath: path)))
        #expect(archives.count == 1)
    }

    @Test func `carries the commit id, the committer's time and no user`() async throws {
        let fixture = try await GitFixture()
        try fixture.write("agent.py", "original")
        let id = try await fixture.commit()
        let path = "\(fixture.folder)/archive.tar"
        _ = try await Repository.open(fixture).tree(of: id).writeArchive(toPath: "\(path).gz")
        let gzip = try Data(contentsOf: URL(filePath: "\(path).gz"))

        try ToolRun.output("gunzip", "\(path).gz")

        #expect(gzip.prefix(10) == Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]))
        #expect(try ToolRun.output("sh", "-c", "git get-tar-commit-id < \(path)") == "\(id)\n")
        let listing = try ToolRun.output(
            "tar", "--list", "--verbose", "--numeric-owner", "--utc", "--full-time", "--file", path)
        #expect(listing == "-rw-r--r-- 0/0               8 2023-11-14 22:14:20 agent.py\n")
    }

    @Test(arguments: Reader.allCases)
    func `excludes files that the commit's attributes mark export-ignore`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        for name in ["agent.py", "notes.md", "docs/a.txt", "docs/deep/b.txt", "tests/t.py", "sub/keep.md", "only/x.md"]
        {
            try fixture.write(name, name)
        }
        try fixture.write(
            ".gitattributes",
            "*.md export-ignore\ndocs/ export-ignore\n/tests export-ignore\n.gitattributes export-ignore\n")
        try fixture.write("sub/.gitattributes", "keep.md -export-ignore\n")
        let id = try await fixture.commit()
        // The attributes of index, working tree and clone must have no effect.
        try fixture.write(".gitattributes", "*.py export-ignore\n")
        try await fixture.git("add", ".gitattributes")
        try fixture.write(".git/info/attributes", "*.py export-ignore\n")
        let path = "\(fixture.folder)/archive.tar.gz"

        _ = try await reader.open(fixture).tree(of: id).writeArchive(toPath: path)

        #expect(try FolderListing(archive: path).names == ["agent.py", "sub", "sub/keep.md"])
    }

    @Test(arguments: Reader.allCases)
    func `export-subst: placeholders are replaced as git archive does`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("sub/.git_archival.txt", Self.placeholders)
        try fixture.write("raw.txt", "$Format:%H$\n")
        try fixture.write("none.txt", "plain\n")
        try fixture.write(".gitattributes", "*archival.txt export-subst\nnone.txt export-subst\n")
        let id = try await fixture.commit("A subject")
        try await fixture.git("tag", "v1")
        let path = "\(fixture.folder)/archive.tar.gz"
        _ = try await reader.open(fixture, subfolder: "/sub").tree(of: id).writeArchive(toPath: path)

        let ours = try ToolRun.output("tar", "-xzOf", path, "sub/.git_archival.txt", "raw.txt")
        try await fixture.git("archive", "--output=\(fixture.folder)/theirs.tar", id.description)
        let theirs = try ToolRun.output(
            "tar", "-xOf", "\(fixture.folder)/theirs.tar", "sub/.git_archival.txt", "raw.txt")
        #expect(ours == theirs)
        #expect(ours.contains("node: \(id)\n"))
        #expect(ours.contains("tag: v1"))
        #expect(ours.contains("$Format:%H$"))
    }

    @Test(arguments: Reader.allCases)
    func `export-subst: a name with the characters of a pattern is that file alone`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        for name in ["[ab].txt", "a.txt", ":(top)b.txt"] { try fixture.write(name, "\(name) $Format:%H$\n") }
        try fixture.write(".gitattributes", "*.txt export-subst\na.txt -export-subst\n")
        let id = try await fixture.commit("Names")
        let path = "\(fixture.folder)/archive.tar.gz"
        _ = try await reader.open(fixture).tree(of: id).writeArchive(toPath: path)

        #expect(try ToolRun.output("tar", "-xzOf", path, "--no-wildcards", "[ab].txt") == "[ab].txt \(id)\n")
        #expect(try ToolRun.output("tar", "-xzOf", path, "a.txt") == "a.txt $Format:%H$\n")
    }

    private static let placeholders = """
        node: $Format:%H$
        short: $Format:%h$
        dates: $Format:%ad|%as|%cI|%ct$
        names: $Format:%an|%cn|%ae$
        refs: $Format:%d$ $Format:%D$
        subject: $Format:%s$
        describe: $Format:%(describe)$

        """

    @Test(arguments: Reader.allCases)
    func `inner link: links that come back inside are archived as git archive does`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("b/f", "text")
        try fixture.link("a/l", to: "../b/../b/f")
        try fixture.link("current", to: "b")
        try fixture.link("tool", to: "current/f")
        let id = try await fixture.commit()
        let path = "\(fixture.folder)/archive.tar.gz"
        _ = try await reader.open(fixture).tree(of: id).writeArchive(toPath: path)
        #expect(try FolderListing(archive: path) == FolderListing(extracting: id, from: fixture))
    }

    @Test(arguments: Reader.allCases)
    func `latin-1 name: excluded it does not matter, else it is refused`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("keep.txt", "keep")
        try await fixture.git("add", "--all")
        let blob = try await fixture.git("rev-parse", ":keep.txt")
        let tree = "printf '100644 blob \(blob)\\tdocs-\\344.txt\\n100644 blob \(blob)\\tkeep.txt\\n'"
        func commit(_ attributes: String) async throws -> CommitID {
            try fixture.write(".gitattributes", attributes)
            let rules = try await fixture.git("hash-object", "-w", ".gitattributes")
            let listing = "\(tree); printf '100644 blob \(rules)\\t.gitattributes\\n'"
            let id =
                try ToolRun.output("sh", "-c", "cd \(fixture.path) && (\(listing)) | git mktree")
                .split(separator: "\n").first.map(String.init) ?? ""
            return try #require(CommitID(try await fixture.git("commit-tree", "-m", "Latin", id)))
        }
        let path = "\(fixture.folder)/archive.tar.gz"
        let repository = try await reader.open(fixture)
        _ = try await repository.tree(of: try await commit("docs-* export-ignore\n")).writeArchive(toPath: path)
        #expect(try FolderListing(archive: path).names == [".gitattributes", "keep.txt"])
        let refused = try await commit("*.md export-ignore\n")
        let error = await #expect(throws: GitError.self) {
            try await repository.tree(of: refused).writeArchive(toPath: path)
        }
        #expect(error?.message.contains("not UTF-8") == true)
    }

    @Test(arguments: Reader.allCases)
    func `a Git LFS pointer is refused with its path`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("models/big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
        let error = try await refusal(of: fixture, reader)
        #expect(error?.kind == .unarchivableContent)
        #expect(error?.message.contains("models/big.bin") == true)
    }

    @Test(arguments: Reader.allCases)
    func `a submodule is refused with its path, unless it is excluded`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        let id = try await fixture.commit()
        try await fixture.git("update-index", "--add", "--cacheinfo", "160000,\(id),vendored/library")
        try await fixture.commitStaged()
        let error = try await refusal(of: fixture, reader, adding: false)
        #expect(error?.kind == .unarchivableContent)
        #expect(error?.message.contains("vendored/library") == true)

        try fixture.write(".gitattributes", "vendored export-ignore\n")
        try await fixture.git("add", ".gitattributes")
        try await fixture.commitStaged()
        #expect(try await refusal(of: fixture, reader, adding: false) == nil)
    }

    @Test(arguments: Reader.allCases, ["/etc/passwd", "../outside", "sub/../../outside"])
    func `a symbolic link that points outside the repository is refused`(reader: Reader, target: String) async throws {
        let fixture = try await GitFixture()
        try fixture.link("link", to: target)
        let error = try await refusal(of: fixture, reader)
        #expect(error?.kind == .unarchivableContent)
        #expect(error?.message.contains("symbolic link link points outside the repository: \(target)") == true)
    }

    @Test(arguments: Reader.allCases)
    func `a missing file is an error and leaves no archive behind`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("agent.py", "original")
        try await fixture.commit()
        let blob = try await fixture.git("rev-parse", "HEAD:agent.py")
        try fixture.remove(".git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
        let error = try await refusal(of: fixture, reader, adding: false)
        #expect(error?.kind == .missingObject)
    }

    @Test func `cancellation leaves no archive behind`() async throws {
        let fixture = try await GitFixture.withManyKindsOfEntries()
        let id = try await fixture.id(of: "HEAD")
        let path = "\(fixture.folder)/archive.tar.gz"
        let repository = try await Repository.open(fixture)
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await repository.tree(of: id).writeArchive(toPath: path)
                }
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// Returns the error of `writeArchive` for HEAD, and checks that no file remains.
    private func refusal(of fixture: GitFixture, _ reader: Reader, adding: Bool = true) async throws -> GitError? {
        let id = adding ? try await fixture.commit() : try await fixture.id(of: "HEAD")
        let path = "\(fixture.folder)/archive.tar.gz"
        do {
            _ = try await reader.open(fixture).tree(of: id).writeArchive(toPath: path)
            return nil
        } catch let error as GitError {
            #expect(!FileManager.default.fileExists(atPath: path))
            return error
        }
    }
}

@Suite struct ArchivePlanTests {
    @Test func `an ignored folder excludes its contents, but not files with the same prefix`() throws {
        #expect(try paths(ignoring: ["docs"]) == ["docs.md", "src", "src/deep", "src/deep/a.py"])
    }

    @Test func `a folder without remaining files is dropped`() throws {
        #expect(try paths(ignoring: ["src/deep/a.py"]) == ["docs", "docs/a.md", "docs.md"])
    }

    @Test func `a time before 1970 counts as 1970`() throws {
        #expect(try plan(ignoring: [], time: -5).modificationTime == 0)
    }

    private func paths(ignoring names: [String]) throws -> [String] {
        try plan(ignoring: names).entries.map(\.path)
    }

    private func plan(ignoring names: [String], time: Double = 0) throws -> ArchivePlan {
        let folders: Set = ["docs", "src", "src/deep"]
        let entries = ["docs", "docs/a.md", "docs.md", "src", "src/deep", "src/deep/a.py"].map {
            TreeEntry(path: $0, kind: folders.contains($0) ? .directory : .file(executable: false), objectID: "")
        }
        let commit = Commit(
            id: try #require(CommitID(String(repeating: "a", count: 40))), authorName: "", authorEmail: "",
            subject: "", committedAt: Date(timeIntervalSince1970: time))
        return ArchivePlan(
            commit: commit, entries: entries, ignored: Set(entries.indices.filter { names.contains(entries[$0].path) }))
    }
}
