import Testing

@testable import Git

@Suite struct SymbolicLinkTests {
    @Test(arguments: [
        ("link", "file"), ("link", "./folder/file"), ("a/link", "../file"), ("a/b/link", "../../c/d"), ("link", "."),
        ("a/link", ".."), ("link", "..."), ("link", "..file"),
    ])
    func `may lead anywhere inside`(path: String, target: String) throws {
        #expect(try link(path, target).target == target)
    }

    @Test(arguments: [
        ("link", "/file"), ("link", ".."), ("link", "../file"), ("a/link", "../../file"), ("a/link", "b/../../../file"),
        ("link", "other/../file"),
    ])
    func `may not lead outside, nor where that cannot be told`(path: String, target: String) throws {
        #expect(throws: GitError.self) { try link(path, target) }
    }

    private func link(_ path: String, _ target: String) throws -> SymbolicLink {
        try Array(target.utf8).withUnsafeBytes { try SymbolicLink(at: path, target: $0) }
    }
}
