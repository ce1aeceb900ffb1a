import Clocks
import ControlPlaneTypes
import Foundation
import Git
import TestSupport
import Testing

@testable import CLI

/// Where live commits stand, as far as a clone knows.
@Suite(.timeLimit(.minutes(1))) struct CloneReaderTests {
    private static let url = "https://github.com/octo/agent"

    /// A remote with three commits on main, and its clone.
    private struct Setup {
        let remote: GitFixture
        let clone: GitFixture
        let commits: [CommitID]

        init(options: [String] = []) async throws {
            remote = try await GitFixture()
            var commits: [CommitID] = []
            for number in 1...3 { commits.append(try await remote.commit("Version \(number)")) }
            self.commits = commits
            clone = try await remote.clone(options: options)
        }

        /// As the remote is called on GitHub.
        func rename() async throws {
            try await clone.git("remote", "set-url", "origin", "git@github.com:octo/agent.git")
        }
    }

    private func row(
        live commit: CommitID, in clone: GitFixture, fetched: Bool = false, ref: String = "main", url: String = url
    ) async throws -> DeploymentOverview {
        let fixture = try OverviewFixture { $0.addDeployment(repoURL: url, ref: ref, commits: [commit.description]) }
        let repository = try await Repository.open(containing: clone.path)
        let remote = fetched ? try await repository.defaultRemote() : nil
        let reader = try await CloneReader(repository, fetched: remote)
        return try #require(try await fixture.row("agent", clone: reader))
    }

    @Test func `the newest commit is not behind, an older one is by number`() async throws {
        let setup = try await Setup()
        try await setup.rename()
        let newest = try await row(live: setup.commits[2], in: setup.clone)
        #expect(newest.findings.isEmpty && newest.position.behind == 0)
        #expect(newest.position.commit?.subject == "Version 3")
        let oldest = try await row(live: setup.commits[0], in: setup.clone)
        #expect(oldest.findings == [.behind] && oldest.position.behind == 2)
    }

    @Test func `a commit that was force-pushed away is on no branch`() async throws {
        let setup = try await Setup()
        try await setup.remote.git("reset", "--quiet", "--hard", "HEAD~1")
        try await setup.remote.commit("Another version 3")
        try await setup.clone.git("fetch", "--quiet")
        try await setup.rename()
        let row = try await row(live: setup.commits[2], in: setup.clone)
        #expect(row.findings == [.behind, .notOnABranch])
        #expect(row.position.behind == 1)
    }

    @Test func `a clone that lacks the commit says nothing, unless it was fetched just now`() async throws {
        let setup = try await Setup()
        let later = try await setup.remote.commit("Later")
        try await setup.rename()
        let stale = try await row(live: later, in: setup.clone)
        #expect(stale.findings.isEmpty && stale.position.behind == nil)

        try await setup.remote.git("reset", "--quiet", "--hard", "HEAD~1")
        let gone = try await row(live: later, in: setup.clone, fetched: true)
        #expect(gone.findings == [.notOnABranch])
    }

    @Test func `a fetch brings the branches, and drops those that are gone`() async throws {
        let setup = try await Setup()
        try await setup.remote.git("branch", "feature", "main")
        try await setup.clone.git("fetch", "--quiet")
        let later = try await setup.remote.commit("Later")
        try await setup.remote.git("branch", "--delete", "--force", "feature")
        let repository = try await Repository.open(containing: setup.clone.path)
        let remote = try #require(try await repository.defaultRemote())
        try await repository.fetchBranches(of: remote, on: SystemClock())
        #expect(try await repository.tip(ofBranch: "main", at: remote) == later)
        #expect(try await repository.tip(ofBranch: "feature", at: remote) == nil)
        #expect(try await setup.clone.id(of: "HEAD") == setup.commits[2])
    }

    @Test func `a shallow clone does not count what it lacks`() async throws {
        let setup = try await Setup(options: ["--depth", "1"])
        try await setup.rename()
        let row = try await row(live: setup.commits[0], in: setup.clone)
        #expect(row.findings.isEmpty)
        #expect(row.position.behind == nil && row.position.isOnRemoteBranch == nil)
    }

    @Test func `a clone of one branch does not say what the others have`() async throws {
        let setup = try await Setup(options: ["--single-branch", "--branch", "main"])
        try await setup.rename()
        let local = try await setup.clone.commit("Only here")
        #expect(try await row(live: local, in: setup.clone).position.isOnRemoteBranch == nil)
    }

    @Test func `another repository and a tag are not compared`() async throws {
        let setup = try await Setup()
        try await setup.rename()
        let other = try await row(live: setup.commits[0], in: setup.clone, url: "https://github.com/octo/other")
        #expect(other.findings.isEmpty && other.position.behind == nil)
        let tag = try await row(live: setup.commits[0], in: setup.clone, ref: "refs/tags/v1")
        #expect(tag.findings.isEmpty && tag.branch == "refs/tags/v1")
    }

    @Test func `the local control plane builds from the branches of the clone`() async throws {
        let setup = try await Setup()
        let local = try await setup.clone.commit("Not pushed")
        let url = try await Repository.open(containing: setup.clone.path).root
        let newest = try await row(live: local, in: setup.clone, url: url)
        #expect(newest.findings.isEmpty && newest.position.behind == 0)
        let older = try await row(live: setup.commits[2], in: setup.clone, url: url)
        #expect(older.findings == [.behind] && older.position.behind == 1)
    }

    @Test func `a commit that was uploaded and never pushed is on no branch`() async throws {
        let setup = try await Setup()
        let local = try await setup.clone.commit("Not pushed")
        let fixture = try OverviewFixture { world in
            world.addDeployment(source: .internalSource, commits: [local.description])
        }
        let clone = try await CloneReader(try await Repository.open(containing: setup.clone.path))
        #expect(try await fixture.row("agent", clone: clone)?.findings == [.notOnABranch])
        #expect(try await fixture.row("agent")?.findings == [])
    }
}
