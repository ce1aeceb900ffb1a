import Foundation

/// What the tools that builds lean on say of their versions.
struct ToolVersions {
    private static let tools = ["python3", "uv"]

    /// Names only the tools that are installed. Throws `CancellationError` only.
    static func read(with runner: BuildCommand, in folder: URL) async throws -> [String: String] {
        var versions: [String: String] = [:]
        for tool in tools {
            let output = BuildLog(redact: SecretRedaction([:])) { _ in }
            do {
                guard try await runner.run([tool, "--version"], in: folder, log: output) == .exited(0) else { continue }
                versions[tool] = await output.lastLines.first
            } catch let error as CancellationError {
                throw error
            } catch {
                versions[tool] = "not known: \(error)"
            }
        }
        return versions
    }
}
