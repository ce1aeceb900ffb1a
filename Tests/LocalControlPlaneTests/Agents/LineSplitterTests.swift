import Testing

@testable import LocalControlPlane

struct LineSplitterTests {
    @Test func `lines are put together across pieces`() {
        var splitter = LineSplitter()
        #expect(splitter.lines(adding: "one\r\ntw".utf8) == ["one"])
        #expect(splitter.lines(adding: "o\n\nthree".utf8) == ["two", ""])
        #expect(splitter.rest() == "three")
        #expect(splitter.rest() == nil)
    }

    @Test func `a long line is cut and marked, and the next one is whole`() {
        var splitter = LineSplitter(longest: 4)
        #expect(splitter.lines(adding: "abcdefgh\nijkl\n".utf8) == ["abcd …", "ijkl"])
    }
}
