import Foundation
import Testing

@testable import LocalControlPlane

struct ArchiveExtractorTests {
    private func extract(
        _ archive: TarArchive, with extractor: ArchiveExtractor = ArchiveExtractor(), cutTo count: Int? = nil,
        check: (URL) throws -> Void = { _ in }
    ) async throws {
        try await ServerFixture.withState { state in
            let file = state.root.appending(path: "a.tar.gz")
            let folder = state.root.appending(path: "tree")
            try archive.write(to: file, cutTo: count)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var extractor = extractor
            defer { #expect((try? FileManager.default.contentsOfDirectory(atPath: state.root.path()))?.count == 2) }
            try extractor.extract(file, into: folder)
            try check(folder)
        }
    }

    private func refusal(_ archive: TarArchive, with extractor: ArchiveExtractor = ArchiveExtractor()) async -> String {
        do {
            try await extract(archive, with: extractor)
            return "extracted"
        } catch let error as ServerError {
            #expect(error.reason == .archiveRefused)
            return error.message
        } catch {
            return "\(error)"
        }
    }

    private func text(_ name: String, in folder: URL) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test
    func `files, folders, modes and links are written`() async throws {
        var archive = TarArchive()
        archive.add("app/", type: "5", mode: 0o755)
        archive.add("./app/run.sh", mode: 0o755, "#!/bin/sh\n")
        archive.add("app/again.sh", type: "1", link: "app/run.sh")
        archive.add("app/link", type: "2", link: "../app/run.sh")
        archive.add("langgraph.json", "{}")
        try await extract(archive) { (folder: URL) throws in
            #expect(try text("app/again.sh", in: folder) == "#!/bin/sh\n")
            #expect(try text("app/link", in: folder) == "#!/bin/sh\n")
            #expect(FileManager.default.isExecutableFile(atPath: folder.appending(path: "app/run.sh").path()))
            #expect(!FileManager.default.isExecutableFile(atPath: folder.appending(path: "langgraph.json").path()))
        }
    }

    @Test
    func `long names are read from pax and GNU headers`() async throws {
        let long = "deep/" + String(repeating: "n", count: 150)
        var archive = TarArchive()
        archive.addPax("path", "\(long)1")
        archive.add("short", "pax")
        archive.add("././@LongLink", type: "L", "\(long)2\u{0}")
        archive.add("short", "gnu")
        try await extract(archive) { (folder: URL) throws in
            #expect(try text("\(long)1", in: folder) == "pax")
            #expect(try text("\(long)2", in: folder) == "gnu")
        }
    }

    @Test(arguments: [
        "/etc/passwd", "../evil", "a/../../evil", "a/..", "../\u{301}evil", "/\u{301}etc", "a/../../\u{301}evil",
    ])
    func `a name that leads outside is refused`(name: String) async {
        var archive = TarArchive()
        archive.add(name, "x")
        #expect(await refusal(archive).contains("unsafe path"))
        var long = TarArchive()
        long.addPax("path", name)
        long.add("fine", "x")
        #expect(await refusal(long).contains("unsafe path"))
    }

    @Test(arguments: ["/etc/passwd", "../../etc", "a/../../..", "../../\u{301}etc", "/\u{301}etc"])
    func `a link that leads outside is refused`(target: String) async {
        var archive = TarArchive()
        archive.add("sub/link", type: "2", link: target)
        #expect(await refusal(archive).contains("unsafe link"))
    }

    @Test
    func `link through a link: a target inside is extracted`() async {
        var archive = TarArchive()
        archive.add("releases/v2/tool", "x")
        archive.add("current", type: "2", link: "releases/v2")
        archive.add("tool", type: "2", link: "current/tool")
        #expect(await refusal(archive) == "extracted")
    }

    @Test
    func `links that lead outside together are refused`() async {
        var archive = TarArchive()
        archive.add("d/up", type: "2", link: "..")
        archive.add("out", type: "2", link: "d/up/..")
        #expect(await refusal(archive).contains("unsafe link"))
    }

    @Test
    func `nothing is written through a link`() async {
        var archive = TarArchive()
        archive.add("real/", type: "5")
        archive.add("link", type: "2", link: "real")
        archive.add("link/file", "x")
        #expect(await refusal(archive) != "extracted")
        var hard = TarArchive()
        hard.add("hosts", type: "1", link: "/etc/hosts")
        #expect(await refusal(hard).contains("unsafe path"))
        var absent = TarArchive()
        absent.add("one", type: "1", link: "two")
        #expect(await refusal(absent).contains("not an earlier file"))
    }

    @Test(arguments: ["3", "4", "6"] as [Character])
    func `devices and pipes are refused`(type: Character) async {
        var archive = TarArchive()
        archive.add("thing", type: type)
        #expect(
            await refusal(archive)
                == "unsupported member in the source archive: 'thing' is not a file, directory or link")
    }

    @Test
    func `a name that comes twice is refused`() async {
        var archive = TarArchive()
        archive.add("one", "1")
        archive.add("one", "2")
        #expect(await refusal(archive) == "cannot extract one: File exists")
    }

    @Test
    func `too many or too large members are refused`() async {
        var few = ArchiveExtractor()
        few.maximumMembers = 1
        var small = ArchiveExtractor()
        small.maximumSize = 5
        var archive = TarArchive()
        archive.add("one", "123")
        archive.add("two", "456")
        #expect(await refusal(archive, with: few).contains("more than 1 members"))
        #expect(await refusal(archive, with: small).contains("more than"))
    }

    @Test(arguments: ["2", "5", "7"] as [Character])
    func `an overflowing size is refused, also after a valid member`(type: Character) async {
        var archive = TarArchive()
        archive.add("one", "1")
        archive.addPax("size", "\(Int.max)")
        archive.add("two", type: type, link: "one")
        #expect(await refusal(archive).contains("more than"))
    }

    @Test
    func `copies for hard links count like files`() async {
        var small = ArchiveExtractor()
        small.maximumSize = 8
        var archive = TarArchive()
        archive.add("one", "123")
        archive.add("two", type: "1", link: "one")
        await #expect(throws: Never.self) { try await extract(archive, with: small) }
        archive.add("three", type: "1", link: "two")
        #expect(await refusal(archive, with: small).contains("more than"))
    }

    @Test
    func `a directory in place of a file is refused`() async {
        var archive = TarArchive()
        archive.add("one", "1")
        archive.add("one/two", "2")
        #expect(await refusal(archive) == "cannot extract one/two: 'one' already exists and is not a directory")
    }

    @Test(arguments: [100, 600, 1100])
    func `a truncated archive is refused`(count: Int) async {
        var archive = TarArchive()
        archive.add("one", String(repeating: "x", count: 600))
        await #expect(throws: ServerError.self) { try await extract(archive, cutTo: count) }
    }

    @Test
    func `a malformed header is refused`() async throws {
        try await ServerFixture.withState { state in
            let file = state.root.appending(path: "a.tar.gz")
            try Data(repeating: 7, count: 512).write(to: file)
            var extractor = ArchiveExtractor()
            #expect(throws: ServerError.self) { try extractor.extract(file, into: state.root) }
        }
    }
}
