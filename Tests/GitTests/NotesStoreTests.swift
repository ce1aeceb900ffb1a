import Clocks
import Foundation
import TestSupport
import Testing

@testable import Git

/// Notes of clones of one real bare repository.
@Suite struct NotesStoreTests {
    /// A bare repository, and two clones of it.
    private struct Clones {
        let bare: GitFixture
        let one: GitFixture
        let two: GitFixture
        let commit: CommitID

        init() async throws {
            let source = try await GitFixture()
            commit = try await source.commit("First")
            bare = try await source.clone(named: "bare", options: ["--bare"])
            one = try await bare.clone(named: "one")
            two = try await bare.clone(named: "two")
        }

        /// The lines of the commit's note as git itself shows them.
        func lines(in fixture: GitFixture) async throws -> Set<String> {
            let text = try await fixture.git("notes", "--ref=slipway", "show", commit.description)
            return Set(text.split(separator: "\n").map(String.init))
        }
    }

    private func store(_ fixture: GitFixture) async throws -> (store: NotesStore, remote: Remote) {
        let repository = try await Repository.open(fixture)
        return (NotesStore(repository, clock: SystemClock()), try #require(try await repository.defaultRemote()))
    }

    @Test func `lines that one clone shares are read in another one after a fetch`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        try await one.share([clones.commit: ["a"]], with: remote)
        try await one.share([clones.commit: ["b", "a"]], with: remote)
        #expect(try await clones.lines(in: clones.bare) == ["a", "b"])

        let (two, _) = try await store(clones.two)
        #expect(try await two.read(fetchedFrom: remote).texts.isEmpty)
        #expect(try await two.fetch(from: remote))
        #expect(try await two.read(fetchedFrom: remote).texts == ["a\nb\n"])
    }

    @Test func `two clones that record at once both keep their lines`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        let (two, _) = try await store(clones.two)
        // Both have a history of their own before they meet.
        try await one.append([clones.commit: ["of one"]])
        try await two.append([clones.commit: ["of two"]])
        async let first: Void = one.share([clones.commit: ["more of one"]], with: remote)
        async let second: Void = two.share([clones.commit: ["more of two"]], with: remote)
        try await first
        try await second
        #expect(
            try await clones.lines(in: clones.bare) == ["of one", "of two", "more of one", "more of two"])
    }

    @Test func `several processes of one clone share at once`() async throws {
        let clones = try await Clones()
        let (store, remote) = try await store(clones.one)
        try await store.share([clones.commit: ["first"]], with: remote)
        let lines = (1...6).map { "line \($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for line in lines { group.addTask { try await store.share([clones.commit: [line]], with: remote) } }
            try await group.waitForAll()
        }
        #expect(Set(try await clones.lines(in: clones.bare)) == Set(["first"] + lines))
    }

    @Test func `a clone whose push is overtaken merges and pushes again`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        let (two, _) = try await store(clones.two)
        try await one.share([clones.commit: ["a"]], with: remote)
        // The second clone has never fetched, and its own notes have another root.
        try await two.share([clones.commit: ["b"]], with: remote)
        try await one.share([clones.commit: ["c"]], with: remote)
        #expect(try await clones.lines(in: clones.bare) == ["a", "b", "c"])
    }

    @Test func `after a force push of the notes nothing of this clone is lost`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        try await one.share([clones.commit: ["a"]], with: remote)
        try await clones.two.git("notes", "--ref=slipway", "add", "-m", "other", clones.commit.description)
        try await clones.two.git("push", "--quiet", "--force", "origin", "refs/notes/slipway")
        #expect(try await clones.lines(in: clones.bare) == ["other"])
        try await one.share([clones.commit: ["b"]], with: remote)
        #expect(try await clones.lines(in: clones.bare) == ["a", "b", "other"])
    }

    @Test func `a push that the remote refuses is an error, and the line stays in the clone`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        try clones.bare.write("hooks/pre-receive", "#!/bin/sh\nexit 1\n", executable: true)
        await #expect(throws: GitError.self) { try await one.share([clones.commit: ["a"]], with: remote) }
        #expect(try await clones.lines(in: clones.one) == ["a"])
    }

    @Test func `a remote that is gone is an error with git's reason`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        try FileManager.default.removeItem(atPath: clones.bare.path)
        let error = await #expect(throws: GitError.self) { try await one.share([clones.commit: ["a"]], with: remote) }
        #expect(error?.message.contains("fetch") == true, "\(String(describing: error))")
    }

    @Test func `a transport that never answers ends with the time limit`() async throws {
        let clones = try await Clones()
        try await clones.one.git("remote", "set-url", "origin", "ssh://example.invalid/x")
        let pidFile = clones.one.folder + "/pid"
        try await clones.one.git("config", "core.sshCommand", "echo $$ > \(pidFile); exec sleep 600 #")
        let repository = try await Repository.open(clones.one)
        let store = NotesStore(repository, clock: SystemClock(), limit: .seconds(3))
        let remote = try #require(try await repository.defaultRemote())
        let error = await #expect(throws: GitError.self) { try await store.fetch(from: remote) }
        #expect(error?.message.contains("timed out") == true, "\(String(describing: error))")
        // What git had started for the transport ended with it; under load it may not even have begun.
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return }
        for _ in 0..<600 where kill(pid, 0) == 0 && !Self.isZombie(pid) {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(kill(pid, 0) != 0 || Self.isZombie(pid))
    }

    /// Ended, though nobody has asked for its exit status.
    private static func isZombie(_ pid: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return status.split(separator: ")").last?.split(separator: " ").first == "Z"
    }

    @Test func `notes on a commit that the clone does not have, and notes of git itself in folders`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        let unknown = try #require(CommitID(String(repeating: "ab", count: 20)))
        try await one.append([unknown: ["x"], clones.commit: ["y"]])
        try await one.share([:], with: remote)
        let (two, _) = try await store(clones.two)
        try await two.fetch(from: remote)
        #expect(try await two.read(fetchedFrom: remote).texts == ["x\n", "y\n"])
    }

    /// Puts a note of any bytes into a clone, as everybody who can push can.
    private func put(_ bytes: [UInt8], at path: String, in clone: GitFixture) async throws {
        try Data(bytes).write(to: URL(fileURLWithPath: clone.folder + "/bytes"))
        let blob = try await clone.git("hash-object", "-w", clone.folder + "/bytes")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try await clone.git("read-tree", "--empty")
        try await clone.git("update-index", "--add", "--cacheinfo", "100644,\(blob),\(path)")
        let tree = try await clone.git("write-tree").trimmingCharacters(in: .whitespacesAndNewlines)
        let commit = try await clone.git("commit-tree", "-m", "notes", tree)
        try await clone.git("update-ref", "refs/notes/slipway", commit.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The object of the only note of a repository, which its bytes decide.
    private func blob(_ fixture: GitFixture) async throws -> String? {
        try await fixture.git("notes", "--ref=slipway", "list").split(separator: " ").first.map(String.init)
    }

    private func blob(of bytes: [UInt8], in fixture: GitFixture) async throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: fixture.folder + "/bytes"))
        return try await fixture.git("hash-object", fixture.folder + "/bytes")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// With a NUL, with what is no UTF-8, with other line ends and a blank line, and without an end of the last line.
    private static let bytes = Array("a\0hidden\n".utf8) + [0xFF, 0xFE, 0x0A] + Array("b\r\n\n \nc".utf8)

    @Test(arguments: ["", "2", "2/2"]) func `a note of any bytes loses none when a line is added`(folders: String)
        async throws
    {
        let clones = try await Clones()
        var path = clones.commit.description
        for place in [2, 5].prefix(folders.filter { $0 == "2" }.count) {
            path.insert("/", at: path.index(path.startIndex, offsetBy: place))
        }
        try await put(Self.bytes, at: path, in: clones.two)
        try await clones.two.git("push", "--quiet", "origin", "refs/notes/slipway")
        let (one, remote) = try await store(clones.one)

        try await one.share([clones.commit: ["new"]], with: remote)
        let expected = Self.bytes + Array("\nnew\n".utf8)
        #expect(try await blob(clones.bare) == blob(of: expected, in: clones.one))
        #expect(
            try await clones.bare.git("ls-tree", "-r", "--name-only", "refs/notes/slipway").split(separator: "\n")
                == [path[...]])
    }

    @Test func `notes of any bytes of two clones are merged by their lines`() async throws {
        let clones = try await Clones()
        try await put(Self.bytes, at: clones.commit.description, in: clones.two)
        try await clones.two.git("push", "--quiet", "origin", "refs/notes/slipway")
        try await put(Array("own\0line\nb\r\n".utf8), at: clones.commit.description, in: clones.one)
        let (one, remote) = try await store(clones.one)
        try await one.share([:], with: remote)
        let expected = Self.bytes + Array("\nown\0line\n".utf8)
        #expect(try await blob(clones.bare) == blob(of: expected, in: clones.one))
    }

    @Test func `of a note that is too long the newest lines are read, and sharing another line loses none`()
        async throws
    {
        let clones = try await Clones()
        let line = String(repeating: "x", count: 1023)
        let lines = (0..<9000).map { "\($0) \(line)" }
        try clones.one.write("long", lines.joined(separator: "\n") + "\n")
        let blob = try await clones.one.git("hash-object", "-w", "long").trimmingCharacters(in: .whitespacesAndNewlines)
        try await clones.one.git("notes", "--ref=slipway", "add", "-C", blob, clones.commit.description)
        let (one, remote) = try await store(clones.one)

        let contents = try await one.read()
        #expect(contents.shortened == 1)
        let read = contents.texts.flatMap { $0.split(separator: "\n").map(String.init) }
        #expect(read.last == lines.last && read.count > 8000 && Set(read).isSubset(of: lines))

        try await one.share([clones.commit: ["new"]], with: remote)
        #expect(try await clones.lines(in: clones.bare) == Set(lines + ["new"]))
        // One note, whether it is read from the clone or as it was fetched.
        #expect(try await one.read(fetchedFrom: remote).shortened == 1)
    }

    @Test func `a repository that libgit2 cannot open is an error, not a crash`() async throws {
        let fixture = try await GitFixture(options: ["--object-format=sha256"])
        let commit = try await fixture.commit("First")
        let store = NotesStore(try await Repository.open(fixture), clock: SystemClock())
        let error = await #expect(throws: GitError.self) { try await store.append([commit: ["a"]]) }
        #expect(error?.kind == .unsupportedRepository)
    }

    @Test func `the working tree, HEAD and the branches stay as they are`() async throws {
        let clones = try await Clones()
        let before = try await clones.one.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags")
        let (one, remote) = try await store(clones.one)
        try await one.share([clones.commit: ["a"]], with: remote)
        #expect(try await clones.one.git("for-each-ref", "refs/heads", "refs/remotes", "refs/tags") == before)
        #expect(try await clones.one.git("status", "--porcelain") == "")
    }

    @Test func `git log shows no notes of a remote twice`() async throws {
        let clones = try await Clones()
        let (one, remote) = try await store(clones.one)
        try await one.share([clones.commit: ["a"]], with: remote)
        let shown = try await clones.one.git("log", "--notes=*", "-1")
        #expect(shown.split(separator: "\n").filter { $0.trimmingCharacters(in: .whitespaces) == "a" }.count == 1)
    }
}
