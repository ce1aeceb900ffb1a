import Testing

@testable import Steps

@Suite struct OutputFileTests {
    private func parse(_ text: String) throws -> [String] {
        try OutputFile.parse(text).map { "\($0.name):\($0.value)" }
    }

    @Test(arguments: [
        ("", []),
        ("a=1\n\nb-c=x=y\n", ["a:1", "b-c:x=y"]),
        ("a=1\na=2", ["a:2"]),
        ("a=<<x", ["a:<<x"]),
        ("a<<EOF\n1\n2\nEOF\nb=3", ["a:1\n2", "b:3"]),
        ("a<<EOF\nEOF\n", ["a:"]),
        ("a=\r", ["a:\r"]),
        ("a=1\r\nb=2\r\n", ["a:1", "b:2"]),
        ("a<<EOF\r\n1\r\n2\r\nEOF\r\nb=3\r\n", ["a:1\n2", "b:3"]),
    ])
    func `what is read`(text: String, outputs: [String]) throws {
        #expect(try parse(text) == outputs)
    }

    @Test(arguments: [
        ("a", 1), ("ok=1\n=2", 2), ("a b=1", 1), ("1a=2", 1), ("a<<EOF\n1\n", 1), ("a<<\n\n", 1),
        ("a<<E\nE\nb<<E\nx", 3), ("a=1\r\nb\r\n", 2),
    ])
    func `what is refused, and where`(text: String, line: Int) {
        #expect { try OutputFile.parse(text) } throws: { ($0 as? OutputFile.Problem)?.line == line }
    }
}
