import ControlPlaneTypes
import Testing

@testable import Steps

@Suite struct SecretsFileTests {
    private func values(_ text: String) throws -> [String: String] {
        Dictionary(uniqueKeysWithValues: try SecretsFile.parse(text).map { ($0.name, $0.value.reveal()) })
    }

    private func problem(_ text: String) -> SecretsFile.Problem? {
        do {
            _ = try SecretsFile.parse(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("A=b", "b"), ("A = b c ", "b c"), ("export A=b", "b"), ("  A=b", "b"), ("A=b # c", "b"), ("A=b#c", "b#c"),
        ("A=#b", "#b"), ("A='b # c'", "b # c"), ("A=\"b # c\" # d", "b # c"), ("A=\"b\\n\\\"c\\\\\"", "b\n\"c\\"),
        ("A='b\\n'", "b\\n"), ("A=\"b\nc\"", "b\nc"), ("A='b\nc'", "b\nc"), ("A=b=c==", "b=c=="), ("A=$HOME", "$HOME"),
        ("A=b\r\n", "b"), ("\u{FEFF}A=b", "b"), ("A=it's", "it's"), ("A=e\u{301}\u{1F600}", "e\u{301}\u{1F600}"),
    ])
    func `a value is`(text: String, value: String) throws {
        #expect(try values(text) == ["A": value])
    }

    @Test func `comments and empty lines are none, and the order stays`() throws {
        let secrets = try SecretsFile.parse("\n# one\nB=1\n\n  # two\r\nA=2\r\n")
        #expect(secrets.map(\.name) == ["B", "A"])
        #expect(try SecretsFile.parse("").isEmpty)
    }

    @Test func `what follows a value over several lines is found on its line`() throws {
        let text = "KEY=\"-----BEGIN\nabc\n-----END\"\nB=2\nbad line"
        #expect(problem(text) == .init(line: 5, message: "it is not of the form NAME=value"))
    }

    @Test(arguments: [
        ("A=1\nA=2", 2, "A is there twice"), ("A=", 1, "A has no value"), ("A= # none", 1, "A has no value"),
        ("A=''", 1, "A has no value"), ("\nA='b\nc", 2, "the quote that A begins with is never closed"),
        ("A='b' c", 1, "something follows the closing quote of A"),
        ("A=b\0c", 1, "the value of A has a NUL, which no variable can hold"),
        ("1A=b", 1, "a name has letters, digits and _, and does not begin with a digit"),
        ("A-B=b", 1, "a name has letters, digits and _, and does not begin with a digit"),
        ("=b", 1, "a name has letters, digits and _, and does not begin with a digit"),
    ])
    func `a problem is told with its line and without a value`(text: String, line: Int, message: String) {
        #expect(problem(text) == .init(line: line, message: message))
    }
}
