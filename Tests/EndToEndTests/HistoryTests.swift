import Foundation
import TestSupport
import Testing

/// What a release manager reads on another clone, after a night of deploys and rollbacks.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct HistoryTests {
    /// The keys of `slipway history --output json` that these tests look at.
    private struct History: Decodable {
        struct Entry: Decodable {
            var change: String
            var live: Bool
            var liveFrom: String?
            var liveTo: String?
            var commit: Commit?
            var rollback: Rollback?
            var record: Record?
        }

        struct Commit: Decodable {
            var sha: String
            var subject: String?
        }

        struct Rollback: Decodable {
            var fromRevisionId: String?
            var toRevisionId: String?
        }

        struct Record: Decodable {
            var verdict: String?
            var reason: String?
            var actor: Actor?
        }

        struct Actor: Decodable {
            var ciActor: String?
            var runUrl: String?
        }

        var entries: [Entry]
    }

    /// Another person's clone and state folder, with nothing but the address and the key of the control plane.
    private func history(
        of sandbox: Sandbox, in clone: GitFixture, _ arguments: String...
    ) async throws -> (ending: Finished, entries: [History.Entry]) {
        struct Plane: Decodable { var url: String }
        let folder = sandbox.state + "/control-plane"
        let plane = try JSONDecoder().decode(Plane.self, from: Data(contentsOf: URL(filePath: folder + "/plane.json")))
        let ending = try await Program(environment: sandbox.environment, folder: clone.path).run(
            Binaries.slipway,
            ["history", "agent", "--control-plane", plane.url, "--api-key-file", folder + "/key"]
                + ["--state-dir", sandbox.repository.folder + "/other-state", "--output", "json"] + arguments)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let decoded = try? decoder.decode(History.self, from: Data(ending.output.joined(separator: "\n").utf8))
        return (ending, decoded?.entries ?? [])
    }

    /// A sandbox whose repository has a bare one as its remote.
    private func sandboxWithRemote() async throws -> (Sandbox, bare: GitFixture) {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        let bare = try await sandbox.repository.clone(named: "bare", options: ["--bare"])
        try await sandbox.repository.git("remote", "add", "origin", bare.path)
        return (sandbox, bare)
    }

    @Test func `a rollback over several steps is known as one, and the next does not undo it`() async throws {
        let sandbox = try await Sandbox()
        let first = try await sandbox.commit("First")
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy("--allow-unpushed").code == 0)
            for subject in ["Second", "Third"] {
                try await sandbox.commit(build: "true # \(subject)", subject)
                #expect(try await sandbox.deploy("--allow-unpushed").code == 0)
            }
            let back = try await sandbox.slipway(
                "rollback", "agent", "--to", first, "--control-plane", "local", "--yes")
            #expect(back.code == 0, "\(back.errors)")
            let status = try await sandbox.slipway("status", "agent", "--control-plane", "local")
            #expect(status.output.joined().contains("rollback of"), "\(status.output)")
            let again = try await sandbox.slipway("rollback", "agent", "--control-plane", "local", "--yes")
            #expect(again.code == 1, "\(again.errors)")
            #expect(again.errors.contains("no revision to roll back to"), "\(again.errors)")
            let blind = try await sandbox.slipwayElsewhere(["rollback", "agent", "--yes"])
            #expect(blind.code == 0, "\(blind.errors)")
            #expect(blind.errors.contains("no record tells why"), "\(blind.errors)")
        }
    }

    @Test func `another clone does not bring back what a shared rollback took away`() async throws {
        let (sandbox, bare) = try await sandboxWithRemote()
        let first = try await sandbox.repository.git("rev-parse", "HEAD").trimmingCharacters(
            in: .whitespacesAndNewlines)
        let share = ["--record", "notes", "--allow-unpushed"]
        try await sandbox.serving { _ in
            #expect(try await sandbox.deploy(share).code == 0)
            for subject in ["Second", "Third"] {
                try await sandbox.commit(build: "true # \(subject)", subject)
                #expect(try await sandbox.deploy(share).code == 0)
            }
            try await sandbox.repository.git("push", "--quiet", "origin", "main")
            let clone = try await bare.clone(named: "another")
            let back = try await sandbox.slipway(
                "rollback", "agent", "--to", first, "--control-plane", "local", "--yes", "--record", "notes",
                "--reason", "INC-42")
            #expect(back.code == 0, "\(back.errors)")

            let offer = try await sandbox.slipwayElsewhere(
                ["rollback", "agent", "--candidates", "--record", "notes"], in: clone)
            #expect(!offer.output.joined().contains("\"is_target\" : true"), "\(offer.output)")
            #expect(offer.output.joined().contains("\"reason\" : \"INC-42\""), "\(offer.output)")
            let again = try await sandbox.slipwayElsewhere(
                ["rollback", "agent", "--yes", "--record", "notes"], in: clone)
            #expect(again.code == 1, "\(again.errors)")
            #expect(again.errors.contains("no revision to roll back to"), "\(again.errors)")
        }
    }

    @Test func `another clone tells the whole story`() async throws {
        let (sandbox, bare) = try await sandboxWithRemote()
        try await sandbox.serving { _ in
            let share = ["--record", "notes", "--allow-unpushed"]
            #expect(try await sandbox.deploy(share).code == 0)
            try await sandbox.commit(build: "exit 3", "Broken")
            #expect(try await sandbox.deploy(share).code == 1)
            try await sandbox.commit(build: "true", "Better")
            #expect(try await sandbox.deploy(share).code == 0)
            let github = [
                "GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "octocat", "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REPOSITORY": "acme/agent", "GITHUB_RUN_ID": "7",
            ]
            let undone = try await sandbox.slipway(
                "rollback", "agent", "--control-plane", "local", "--yes", "--reason", "answers in French", "--record",
                "notes", environment: github)
            #expect(undone.code == 0, "\(undone.errors)")
            #expect(undone.errors.contains("pushed to origin"))

            try await sandbox.repository.git("push", "--quiet", "origin", "main")
            let clone = try await bare.clone(named: "another")
            let before = try await history(of: sandbox, in: clone)
            #expect(before.entries.count == 5)
            #expect(before.entries.allSatisfy { $0.record == nil })

            let (ending, entries) = try await history(of: sandbox, in: clone, "--record", "notes")
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(
                entries.map(\.change) == ["rolled_back", "deployed", "rolled_back", "failed", "deployed"])
            #expect(entries.map { $0.commit?.subject } == ["First", "Better", "First", "Broken", "First"])
            #expect(entries.map(\.live) == [true, false, false, false, false])
            #expect(entries.map { $0.record?.verdict } == ["success", "success", "failed", "failed", "success"])
            let newest = try #require(entries.first)
            #expect(newest.record?.reason == "answers in French")
            #expect(newest.record?.actor?.ciActor == "octocat")
            #expect(newest.record?.actor?.runUrl == "https://github.com/acme/agent/actions/runs/7")
            #expect(entries[1].liveTo == newest.liveFrom)
            #expect(entries[3].liveFrom == nil)

            // Without a fetch the notes of the last one remain, and a limit shows the newest.
            let later = try await history(of: sandbox, in: clone, "--limit", "2")
            #expect(later.entries.map { $0.record?.verdict } == ["success", "success"])
            let none = try await history(of: sandbox, in: clone, "--record", "none")
            #expect(none.entries.allSatisfy { $0.record == nil })

            // After a force push a new clone lacks the commit, and still knows what happened.
            try await sandbox.repository.git("reset", "--quiet", "--hard", "HEAD~1")
            try await sandbox.repository.git("push", "--quiet", "--force", "origin", "main")
            let fresh = try await bare.clone(named: "fresh")
            let rewritten = try await history(of: sandbox, in: fresh, "--record", "notes")
            #expect(rewritten.entries.map { $0.record?.verdict } == entries.map { $0.record?.verdict })
            #expect(rewritten.entries.map(\.commit?.subject) == ["First", nil, "First", "Broken", "First"])
        }
    }

    @Test func `a record that cannot be pushed is a warning, and the verdict stays`() async throws {
        let (sandbox, bare) = try await sandboxWithRemote()
        try bare.write("hooks/pre-receive", "#!/bin/sh\nexit 1\n", executable: true)
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy("--record", "notes", "--allow-unpushed")
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(
                ending.errors.contains("warning: cannot share the record of this change: git push"), "\(ending.errors)")
            #expect(ending.errors.contains("contents: write"))
            // The journal has it.
            let here = try await sandbox.slipway("history", "agent", "--control-plane", "local")
            #expect(here.output.joined(separator: "\n").contains("run 2"), "\(here.output)")
        }
    }

    @Test func `changes by single commands are in the history too`() async throws {
        let sandbox = try await Sandbox()
        try await sandbox.commit("First")
        try await sandbox.serving { _ in
            let first = try await sandbox.deploy()
            #expect(first.code == 0, "\(first.errors)")
            let old = try #require(try sandbox.readReport().revision?.id)
            let plane = ["--control-plane", "local", "--yes"]
            let redeployed = try await run(sandbox, ["revisions", "redeploy", "agent", old] + plane)
            #expect(redeployed.code == 0, "\(redeployed.errors)")
            let deleted = try await run(sandbox, ["deployments", "delete", "agent"] + plane)
            #expect(deleted.code == 0, "\(deleted.errors)")
            let shown = try await run(sandbox, ["history", "agent", "--control-plane", "local", "--output", "json"])
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let entries = try decoder.decode(History.self, from: Data(shown.output.joined(separator: "\n").utf8))
                .entries
            #expect(entries.map(\.change).first == "deleted")
            #expect(entries.last?.record?.verdict == "success")
            // A journal of a command is no run to go on with.
            let resumed = try await run(sandbox, ["resume", "--control-plane", "local"])
            #expect(resumed.code == 64 && resumed.errors.contains("no unfinished run"), "\(resumed.errors)")
        }
    }

    private func run(_ sandbox: Sandbox, _ arguments: [String]) async throws -> Finished {
        try await Program(environment: sandbox.environment, folder: sandbox.repository.path)
            .run(Binaries.slipway, arguments)
    }

    @Test func `without --record nothing in the clone or the remote changes`() async throws {
        let (sandbox, bare) = try await sandboxWithRemote()
        try await sandbox.serving { _ in
            let ending = try await sandbox.deploy("--allow-unpushed")
            #expect(ending.code == 0, "\(ending.errors)")
            let (theirs, ours) = (
                try await bare.git("for-each-ref", "refs/notes"),
                try await sandbox.repository.git("for-each-ref", "refs/notes", "refs/slipway")
            )
            #expect(theirs.isEmpty && ours.isEmpty)
        }
    }

    @Test func `the key of the control plane is in no record`() async throws {
        let (sandbox, bare) = try await sandboxWithRemote()
        try await sandbox.serving { _ in
            let key = try String(contentsOfFile: sandbox.state + "/control-plane/key", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try await sandbox.deploy("--record", "notes", "--allow-unpushed").code == 0)
            try await sandbox.commit(build: "true", "Second")
            #expect(try await sandbox.deploy("--record", "notes", "--allow-unpushed").code == 0)
            let undone = try await sandbox.slipway(
                "rollback", "agent", "--control-plane", "local", "--yes", "--reason", "leaks \(key)", "--record",
                "notes")
            #expect(undone.code == 0, "\(undone.errors)")
            let text = try await bare.git("log", "-p", "refs/notes/slipway")
            #expect(text.contains("leaks ***"))
            #expect(!text.contains(key))
        }
    }
}
