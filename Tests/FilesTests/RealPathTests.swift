import Files
import Foundation
import TestSupport
import Testing

@Suite struct RealPathTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: folder.path + "/real")
        try Data("x".utf8).write(to: URL(filePath: folder.path + "/real/there"))
    }

    private func path(_ name: String) -> RealPath { RealPath(folder.path + "/" + name) }

    @Test(arguments: [
        "real/there", "./real//there", "link/there", "real/../link/there", "new/../real/there", "new/./../link/there",
    ])
    func `all spellings of a path are equal`(name: String) {
        #expect(path(name) == path("real/there"))
    }

    @Test(arguments: [("link/new", "real/new"), ("link/a/b/../c", "real/a/c"), ("a/b", "./a//b")])
    func `a missing file is resolved by its existing folder`(one: String, other: String) {
        #expect(path(one) == path(other))
    }

    @Test func `a relative path is in the current folder`() {
        let current = FileManager.default.currentDirectoryPath
        #expect(RealPath("no-such-file") == RealPath(current + "/no-such-file"))
        #expect(RealPath("/").text == "/")
    }

    @Test func `files in a folder are below it, the folder itself and its siblings are not`() {
        #expect(path("link/a/b").isBelow(path("real")))
        #expect(!path("real").isBelow(path("link")))
        #expect(!path("realer/a").isBelow(path("real")))
        #expect(path("real").isBelow(RealPath("/")))
        #expect(!RealPath("/").isBelow(RealPath("/")))
    }

    @Test func `two hard links are the same file with different paths`() throws {
        try FileManager.default.linkItem(atPath: folder.path + "/real/there", toPath: folder.path + "/second")
        #expect(path("second") != path("real/there"))
        #expect(path("second").isSameFile(as: path("real/there")))
        #expect(!path("new").isSameFile(as: path("real/there")))
        #expect(path("link/new").isSameFile(as: path("real/new")))
    }
}

@Suite struct ParentFolderTests {
    @Test(arguments: [
        ("a.yml", "."), ("./a.yml", "."), ("ci/a.yml", "ci"), ("/a.yml", "/"), ("/srv/ci/a.yml", "/srv/ci"), ("", "."),
    ])
    func `the parent folder is the path without the last part`(file: String, folder: String) {
        #expect(ParentFolder.path(of: file) == folder)
    }
}
