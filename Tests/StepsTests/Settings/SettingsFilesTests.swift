import ControlPlaneTypes
import Engine
import Foundation
import Redaction
import TestSupport
import Testing

@testable import Steps

@Suite struct SettingsFilesTests {
    private func file(_ text: String, mode: Int = 0o600, in folder: TemporaryFolder) throws -> String {
        let path = folder.path + "/settings"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test(arguments: [(0o600, false), (0o640, true), (0o604, true)])
    func `a file that others may read is known`(mode: Int, isOpen: Bool) throws {
        let folder = try TemporaryFolder()
        #expect(try SettingsFiles().secrets(at: file("A=b", mode: mode, in: folder)).isOpen == isOpen)
    }

    @Test func `what was read once is what counts, so that a pipe will do`() throws {
        let pipe = Pipe()
        pipe.fileHandleForWriting.write(Data("A=from-a-pipe".utf8))
        try pipe.fileHandleForWriting.close()
        let files = SettingsFiles()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        for _ in 1...2 {
            let found = try files.secrets(at: path)
            #expect(found.secrets == [Secret(name: "A", value: SecretValue("from-a-pipe"))])
            #expect(!found.isOpen)
        }
    }

    @Test func `a line that is wrong is named without what it says`() throws {
        let folder = try TemporaryFolder()
        let path = try file("A=b\nhunter2-of-the-deployment", in: folder)
        let failure = #expect(throws: StepFailure.self) { try SettingsFiles().secrets(at: path) }
        #expect(failure?.code == "SecretsFileMalformed")
        #expect(failure?.message.hasPrefix(path + ":2: ") == true)
        #expect(failure?.message.contains("hunter2") == false)
    }

    @Test func `a device without an end is refused`() {
        let failure = #expect(throws: StepFailure.self) { try SettingsFiles().secrets(at: "/dev/zero") }
        #expect(failure?.message.hasSuffix("longer than 8388608 bytes") == true)
    }

    @Test func `a pipe that nobody writes to is refused`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pipe"
        #expect(mkfifo(path, 0o600) == 0)
        let failure = #expect(throws: StepFailure.self) { try SettingsFiles().secrets(at: path) }
        #expect(failure?.message.hasSuffix("nothing writes to this pipe") == true)
    }

    @Test func `a file that is not there is told with the system's words`() {
        let failure = #expect(throws: StepFailure.self) { try SettingsFiles().secrets(at: "/nonexistent") }
        #expect(failure?.code == "SecretsFileUnreadable")
        #expect(failure?.message.contains("No such file") == true)
    }

    @Test func `a resource spec keeps numbers, lists and objects`() throws {
        let folder = try TemporaryFolder()
        let path = try file(#"{"cpu": 0.5, "volumes": [{"name": "v"}], "memory_mb": null}"#, in: folder)
        #expect(
            try SettingsFiles().resourceSpec(at: path)
                == ["cpu": .decimal(0.5), "volumes": .array([["name": "v"]]), "memory_mb": .null])
    }

    @Test(arguments: ["[]", "3", "{", ""])
    func `what is no JSON object is no resource spec`(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try file(text, in: folder)
        #expect(throws: StepFailure.self) { try SettingsFiles().resourceSpec(at: path) }
    }
}

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
        #expect(problem(text) == .init(line: 5, message: "not of the form NAME=value"))
    }

    @Test(arguments: [
        ("A=1\nA=2", 2, "duplicate name A"), ("A=", 1, "A has no value"), ("A= # none", 1, "A has no value"),
        ("A=''", 1, "A has no value"), ("\nA='b\nc", 2, "unterminated quote in the value of A"),
        ("A='b' c", 1, "something follows the closing quote of A"),
        ("A=b\0c", 1, "the value of A has a NUL, which no variable can hold"),
        ("1A=b", 1, "invalid name: use letters, digits and _, not starting with a digit"),
        ("A-B=b", 1, "invalid name: use letters, digits and _, not starting with a digit"),
        ("=b", 1, "invalid name: use letters, digits and _, not starting with a digit"),
    ])
    func `a problem is told with its line and without a value`(text: String, line: Int, message: String) {
        #expect(problem(text) == .init(line: line, message: message))
    }
}
