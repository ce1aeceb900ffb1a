import Engine
import Git
import Simulation
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

/// The commit has to be in the repository that the control plane fetches.
@Suite struct CommitPublicationTests {
    private func failure(_ repository: AgentRepository, _ url: String?) async throws -> String? {
        var trial = repository.trial()
        if let url { trial.inputs["repo-url"] = .string(url) }
        let result = try await trial.run()
        guard let failure = result.failure else { return nil }
        #expect(result.exitCode == 64, result.story)
        #expect(result.changes.isEmpty, result.story)
        return "\(failure.code): \(failure.message); \(failure.hint ?? "")"
    }

    private static let upstream = "https://github.com/acme/agent"

    @Test func `fork: a commit that only the fork has is refused`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("remote", "add", "upstream", "git@github.com:acme/agent.git")
        try await repository.clone.git("update-ref", "refs/remotes/upstream/main", "HEAD~1")
        let text = try #require(try await failure(repository, Self.upstream))
        #expect(text.hasPrefix("UnpushedCommit: "))
        #expect(text.contains("of \(Self.upstream) (1 not pushed); git push upstream main"))
    }

    @Test func `fork: without a remote for the repository it cannot be told`() async throws {
        let text = try #require(try await failure(try await AgentRepository(), Self.upstream))
        #expect(text.contains("cannot determine"))
        #expect(text.contains(Self.upstream))
        #expect(text.contains("--allow-unpushed"))
    }

    @Test func `other remote: the one whose URL is fetched is asked`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("remote", "add", "upstream", "git@github.com:acme/agent.git")
        try await repository.clone.git("update-ref", "refs/remotes/upstream/main", "HEAD")
        #expect(try await failure(repository, Self.upstream) == nil)
    }

    @Test func `other remote: the only one may have any name`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("remote", "rename", "origin", "github")
        #expect(try await failure(repository, nil) == nil)
    }

    @Test func `worktree of a bare clone: the hint makes the branch known`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("config", "--unset-all", "remote.origin.fetch")
        try await repository.clone.git("update-ref", "-d", "refs/remotes/origin/main")
        let text = try #require(try await failure(repository, nil))
        #expect(text.contains("git remote set-branches --add origin main && git fetch origin"))
    }

    @Test func `host alias: no control plane reaches it`() async throws {
        let repository = try await AgentRepository()
        try await repository.clone.git("remote", "set-url", "origin", "git@github-work:octo/agent")
        let text = try #require(try await failure(repository, nil))
        #expect(text.hasPrefix("RepositoryNotReachable: "))
        #expect(text.contains("--repo-url"))
        #expect(try await failure(repository, "https://github.com/octo/agent") == nil)
    }
}
