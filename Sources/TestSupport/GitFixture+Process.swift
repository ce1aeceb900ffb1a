import FoundationEssentials
import Subprocess

extension GitFixture {
    private static let settings = [
        "-c", "commit.gpgSign=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
        // For submodules that are cloned from the same folder.
        "-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false",
    ]

    @discardableResult
    static func run(_ arguments: [String], in folder: String, date: String = "1700000000 +0000") async throws -> String
    {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(["-C", folder] + settings + arguments),
            environment: .custom(environment(home: folder, date: date)),
            output: .bytes(limit: .max), error: .bytes(limit: .max))
        guard result.terminationStatus.isSuccess else {
            let reason = String(decoding: result.standardError, as: UTF8.self)
            throw GitFixtureError("git \(arguments.joined(separator: " ")): \(reason)")
        }
        let text = String(decoding: result.standardOutput, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func environment(home: String, date: String) -> [Environment.Key: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "HOME": home, "LC_ALL": "C", "TZ": "UTC",
            // No sample hooks: a dozen files less for every repository.
            "GIT_TEMPLATE_DIR": "",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "Ada Example", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": "Carl Example", "GIT_COMMITTER_EMAIL": "carl@example.com",
            "GIT_COMMITTER_DATE": date,
        ]
    }
}
