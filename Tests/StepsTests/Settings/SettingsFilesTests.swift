import ControlPlaneTypes
import Engine
import Foundation
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
                == ["cpu": .number(0.5), "volumes": .array([["name": "v"]]), "memory_mb": .null])
    }

    @Test(arguments: ["[]", "3", "{", ""])
    func `what is no JSON object is no resource spec`(text: String) throws {
        let folder = try TemporaryFolder()
        let path = try file(text, in: folder)
        #expect(throws: StepFailure.self) { try SettingsFiles().resourceSpec(at: path) }
    }
}
