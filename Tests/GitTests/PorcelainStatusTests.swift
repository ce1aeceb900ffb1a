import Testing

@testable import Git

@Suite struct PorcelainStatusTests {
    @Test func `takes the paths out of every kind of line, spaces and all`() {
        let text = [
            "# branch.head main",
            "1 .M N... 100644 100644 100644 \(id) \(id) with space.txt",
            "u UU N... 100644 100644 100644 100644 \(id) \(id) \(id) conflict.txt",
            "? new folder/",
            "! ignored.txt",
        ].map { $0 + "\0" }.joined()
        let status = PorcelainStatus(GitOutput(exitCode: 0, bytes: Array(text.utf8), errorText: ""))
        #expect(status.changedPaths == ["with space.txt", "conflict.txt", "new folder/"])
    }

    @Test func `has no paths when there is nothing to say`() {
        #expect(PorcelainStatus(GitOutput(exitCode: 0, bytes: [], errorText: "")).changedPaths.isEmpty)
    }

    private let id = String(repeating: "0", count: 40)
}
