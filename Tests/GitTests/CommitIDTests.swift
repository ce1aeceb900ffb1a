import Testing

@testable import Git

@Suite struct CommitIDTests {
    @Test(arguments: [40, 64])
    func `is 40 or 64 hex digits, in lower case`(length: Int) {
        let capital = String(repeating: "AB", count: length / 2)
        #expect(CommitID(capital)?.description == capital.lowercased())
        #expect(CommitID(capital)?.abbreviated == "abababababab")
    }

    @Test(arguments: ["", "abc", "main", String(repeating: "g", count: 40), String(repeating: "a", count: 41)])
    func `is nothing else`(text: String) {
        #expect(CommitID(text) == nil)
    }
}
