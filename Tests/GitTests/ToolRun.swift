import Foundation

/// Runs a tool of the system that an archive is checked with.
enum ToolRun {
    struct Failure: Error {
        let command: [String]
    }

    @discardableResult
    static func output(_ command: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: command) }
        return String(decoding: output, as: UTF8.self)
    }
}
