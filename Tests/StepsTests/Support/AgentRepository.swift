import Git
import Simulation
import TestSupport

/// A clone of a remote with three commits on main, whose last one is published.
struct AgentRepository: Sendable {
    let clone: GitFixture
    /// Oldest first.
    let commits: [CommitID]

    init() async throws {
        let remote = try await GitFixture()
        try remote.write("langgraph.json", "{}")
        var commits: [CommitID] = []
        for number in 1...3 {
            try remote.write("agent.py", "version = \(number)\n")
            commits.append(try await remote.commit("Version \(number)"))
        }
        self.commits = commits
        clone = try await remote.clone()
        try await clone.git("remote", "set-url", "origin", "git@github.com:octo/agent.git")
    }

    var head: String { commits[2].description }

    /// A trial in this clone; the plane builds what the remote's main holds.
    func trial(_ arrange: (inout ModelWorld) -> Void = { _ in }) -> WorkflowHarness {
        var trial = WorkflowHarness {
            $0.remote["main"] = head
            arrange(&$0)
        }
        trial.repository = clone.path
        return trial
    }
}
