import Foundation
import Testing

@testable import CLI

struct RepositoryPathTests {
    @Test(
        arguments: [
            ("deploy.yml", "/w/repo", "/w/repo", "deploy.yml"),
            ("../ci/./deploy.yml", "/w/repo/agents", "/w/repo/", "ci/deploy.yml"),
            ("/w/repo/ci/deploy.yml", "/elsewhere", "/w/repo", "ci/deploy.yml"),
            ("../x.yml", "/w/repo", "/w/repo", nil),
            ("/etc/x.yml", "/w/repo", "/w/repo", nil), ("/w/repository/x.yml", "/w/repo", "/w/repo", nil),
            ("/w/repo", "/", "/w/repo", nil),
        ] as [(String, String, String, String?)])
    func `a file is named from the root of the work tree`(
        path: String, folder: String, root: String, name: String?
    ) {
        #expect(RepositoryPath.name(of: path, from: folder, root: root) == name)
    }

    @Test func `without a CI system the nearest repository is the root`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "repository-file-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["outer/.git", "outer/inner/.git", "outer/inner/ci"] {
            try FileManager.default.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        let inner = folder.appending(path: "outer/inner").path
        #expect(RepositoryPath.name(of: "ci/deploy.yml", from: inner, root: nil) == "ci/deploy.yml")
        #expect(RepositoryPath.name(of: "../x.yml", from: inner, root: nil) == "x.yml")
    }
}
