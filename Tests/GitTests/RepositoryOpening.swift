import Foundation
import TestSupport

@testable import Git

extension Repository {
    /// Opens a fixture without what the machine's environment says about git.
    static func open(_ fixture: GitFixture, subfolder: String = "", adding extra: [String: String] = [:])
        async throws -> Repository
    {
        let inherited = ProcessInfo.processInfo.environment
        var environment = [
            "PATH": inherited["PATH"] ?? "", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
        ]
        environment["HOME"] = inherited["HOME"]
        environment.merge(extra) { _, new in new }
        return try await open(containing: "\(fixture.path)\(subfolder)", environment: environment)
    }

    var isReadThroughLibGit2: Bool { backend is LibGit2Backend }
}
