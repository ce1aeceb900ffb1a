import ControlPlane
import FoundationEssentials
import Testing

@testable import Steps

@Suite struct ResponseAssertionTests {
    private let document = #"{"a": {"b": [1, "x", null, 2.5, true]}, "~/": "odd", "": "empty"}"#

    private func problem(_ pointer: String, _ expected: String?) throws -> String? {
        let rule = ResponseAssertion(
            statuses: [try #require(StatusPattern("200"))],
            members: [ResponseAssertion.Member(pointer: try #require(JSONPointer(pointer)), expected: expected)])
        return rule.problem(with: HTTPResponse(status: 200, body: Data(document.utf8)))
    }

    @Test(
        arguments: [
            ("/a/b/0", "1"), ("/a/b/1", "x"), ("/a/b/3", "2.5"), ("/a/b/4", "true"), ("/~0~1", "odd"), ("/", "empty"),
            ("/a", nil), ("", nil),
        ] as [(String, String?)])
    func `what stands there is found`(pointer: String, expected: String?) throws {
        #expect(try problem(pointer, expected) == nil)
    }

    @Test(arguments: ["/a/b/2", "/a/b/5", "/a/b/01", "/a/b/-", "/A", "/a/b/1/x"])
    func `what is not there, or null, is bad`(pointer: String) throws {
        #expect(try problem(pointer, nil) == "there is nothing at \(pointer)")
    }

    @Test func `a list is not compared with a text`() throws {
        #expect(try problem("/a/b", "1") == "/a/b is no single value, not '1'")
    }

    @Test(arguments: ["a", "/~", "/~2"]) func `what is no pointer`(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test(arguments: ["2xx": [200, 299], "404": [404], "5xx": [500]]) func `statuses`(text: String, good: [Int]) {
        let pattern = StatusPattern(text)
        #expect([199, 200, 299, 300, 404, 405, 500].filter { pattern?.contains($0) == true } == good)
    }

    @Test(arguments: ["", "20", "600", "6xx", "xxx", "-1", "2xxx"]) func `what is no status`(text: String) {
        #expect(StatusPattern(text) == nil)
    }
}
