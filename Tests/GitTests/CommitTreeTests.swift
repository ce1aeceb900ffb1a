import Foundation
import TestSupport
import Testing

@testable import Git

@Suite struct CommitTreeTests {
    @Test(arguments: Reader.allCases)
    func `a checkout is exactly the tree without .git, and does not change the repository`(reader: Reader) async throws
    {
        let fixture = try await GitFixture.withManyKindsOfEntries()
        let id = try await fixture.id(of: "HEAD")
        try fixture.write("agent.py", "dirty")
        try fixture.write("untracked.txt")
        let index = try fixture.bytes(of: ".git/index")
        let target = "\(fixture.folder)/out/deep"

        try await reader.open(fixture).tree(of: id).checkOut(into: target)

        #expect(try FolderListing(target) == FolderListing(extracting: id, from: fixture))
        #expect(!FileManager.default.fileExists(atPath: "\(target)/.git"))
        #expect(try fixture.bytes(of: ".git/index") == index)
        #expect(try String(contentsOfFile: "\(fixture.path)/agent.py", encoding: .utf8) == "dirty")
    }

    @Test(arguments: Reader.allCases)
    func `an older commit can be checked out from a bare repository`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("file.txt", "first")
        let first = try await fixture.commit()
        try fixture.write("file.txt", "second")
        try await fixture.commit()
        let bare = try await fixture.clone(options: ["--bare"])
        let target = "\(fixture.folder)/out"

        try await reader.open(bare).tree(of: first).checkOut(into: target)

        #expect(try String(contentsOfFile: "\(target)/file.txt", encoding: .utf8) == "first")
    }

    @Test(arguments: Reader.allCases)
    func `line endings are not converted, despite attributes`(reader: Reader) async throws {
        let fixture = try await GitFixture()
        try fixture.write("file.txt", "one\ntwo\n")
        try fixture.write(".gitattributes", "*.txt text eol=crlf ident filter=lfs\n")
        let id = try await fixture.commit()
        let target = "\(fixture.folder)/out"

        try await reader.open(fixture).tree(of: id).checkOut(into: target)

        #expect(try String(contentsOfFile: "\(target)/file.txt", encoding: .utf8) == "one\ntwo\n")
    }

    @Test func `a SHA-256 commit is checked out and archived`() async throws {
        let fixture = try await GitFixture(options: ["--object-format=sha256"])
        try fixture.write("agent.py", "original")
        try fixture.write("tests/test_agent.py")
        try fixture.write(".gitattributes", "/tests export-ignore\n")
        let id = try await fixture.commit()
        let tree = try await Repository.open(fixture).tree(of: id)

        try await tree.checkOut(into: "\(fixture.folder)/out")
        let info = try await tree.writeArchive(toPath: "\(fixture.folder)/out.tar.gz")

        #expect(
            try FolderListing("\(fixture.folder)/out").names == [
                ".gitattributes", "agent.py", "tests", "tests/test_agent.py",
            ])
        #expect(info.fileCount == 2)
        #expect(try FolderListing(archive: "\(fixture.folder)/out.tar.gz").names == [".gitattributes", "agent.py"])
    }
}
