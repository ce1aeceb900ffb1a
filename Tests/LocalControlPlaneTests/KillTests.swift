import Foundation
import Testing

/// The built program is killed under load; `make conformance` does the same 200 times.
struct KillTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    private static let programs =
        ProcessInfo.processInfo.environment["SLIPWAY_BIN"] ?? root.appending(path: ".build/debug").path
    private static let isPossible =
        FileManager.default.isExecutableFile(atPath: programs + "/slipway-control-plane")

    @Test(.enabled(if: isPossible, "no slipway-control-plane in \(programs)"))
    func `a plane that is killed loses no write that it answered, and takes its agent over`() async throws {
        let script = Process()
        script.executableURL = URL(filePath: "/usr/bin/env")
        script.arguments = ["python3", Self.root.appending(path: "scripts/conformance/kills.py").path, "--kills", "4"]
        script.environment = ProcessInfo.processInfo.environment.merging([
            "SLIPWAY_BIN": Self.programs, "PYTHONDONTWRITEBYTECODE": "1",
        ]) { $1 }
        let output = Pipe()
        script.standardOutput = output
        script.standardError = output
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            script.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try script.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(status == 0, "\(text)")
        #expect(text.contains("4 kills, "))
    }
}
