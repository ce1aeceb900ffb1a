import ControlPlaneTypes
import Engine
import Foundation
import Redaction
import TestSupport
import Testing

@testable import Reports

/// Runs with several deployments: no report may mix what belongs to different ones.
struct RolloutFoldTests {
    private let fleet = RunSummary(events: RunScript.fleet.events)
    private let deployed = RunSummary(events: RunScript.fleetDeployed.events)
    private let clean = TextSanitizer(escapesCICommands: false)

    @Test func `each deployment keeps its own facts, however the jobs take turns`() {
        #expect(fleet.rollouts.map(\.deployment?.name) == ["agent-us", "agent-eu"])
        #expect(fleet.rollouts.map(\.revision?.id) == ["us-new", "eu-new"])
        #expect(fleet.rollouts.map(\.liveRevisionID) == ["us-new", "eu-restored"])
        #expect(fleet.rollouts.map(\.rollback?.result) == [nil, .success])
        #expect(fleet.rollouts.map(\.jobs) == [["deploy (us)"], ["deploy (eu)"]])
        #expect(fleet.rollouts.map(\.outcome) == [.success, .failure])
        #expect(fleet.rollouts.map(\.isLive) == [true, false])
    }

    @Test func `the run stands for the deployment that failed, and else for the last`() {
        #expect(fleet.main.deployment?.name == "agent-eu")
        #expect(deployed.main.deployment?.name == "agent-eu")
    }

    @Test func `a failure of no deployment borrows no other one's facts`() {
        var script = RunScript(RunScript.fleetDeployed.events.dropLast())
        script.start("tests", in: "check")
        script.finish("tests", in: "check", .failure, failure: StepFailure(.failed, code: "X", "red"))
        script.finishRun(.failed)
        let summary = RunSummary(events: script.events)
        #expect(summary.main.deployment == nil)
        #expect(Headline(summary, clean: clean).text.hasSuffix("; 2 of 2 deployments succeeded"))
    }

    @Test func `a revision belongs to its deployment, whichever job waits for it`() {
        var script = RunScript(RunScript.fleetDeployed.events)
        script.see("us-new", "DEPLOY_FAILED", in: "watch", after: .seconds(1))
        let summary = RunSummary(events: script.events)
        #expect(summary.rollouts.first?.revision?.status == .deployFailed)
        #expect(summary.rollouts.first?.jobs == ["deploy (us)", "watch"])
        #expect(summary.rollouts.last?.revisions.map(\.id) == ["eu-new"])
    }

    @Test func `what a job tells before it names its deployment, as a rollback does, is about that deployment`() {
        var script = RunScript(RunScript.fleetDeployed.events.dropLast())
        var rollback = RollbackSeen(attempted: true, toRevisionID: "us-old", revisionID: "us-back", result: nil)
        rollback.job = "undo (us)"
        script.add(rollback)
        script.see("us-back", "DEPLOYED", role: .rollback, commit: "0ld", in: "undo (us)", after: .seconds(1))
        var seen = DeploymentSeen(
            id: "d-us", name: "agent-us", url: nil, dashboardURL: nil, created: false, previousRevisionID: "us-old",
            activeRevisionID: "us-back")
        seen.job = "undo (us)"
        script.add(seen)
        let summary = RunSummary(events: script.events)
        #expect(summary.rollouts.map(\.liveCommitSHA) == ["0ld", RunScript.commit])
        #expect(summary.rollouts.first?.rollbackRevision?.id == "us-back")
        #expect(summary.rollouts.first?.rollback?.toRevisionID == "us-old")
    }

    @Test func `a status that nobody watched any more ends with the job that saw it`() {
        var script = RunScript(RunScript.fleet.events.dropLast())
        script.start("again", in: "deploy (us)", uses: "wait")
        script.see("us-later", "BUILDING", in: "deploy (us)", after: .seconds(1))
        script.add(JobFinished(job: "deploy (us)", result: .cancellation), after: .seconds(2))
        script.add(JobFinished(job: "deploy (eu)", result: .failure), after: .seconds(30))
        let revision = RunSummary(events: script.events).rollouts.first?.revisions.last
        #expect(revision?.id == "us-later")
        #expect(revision?.timeline.last?.duration == .seconds(2))
        #expect(revision?.phases.map(\.result) == [.skip, nil, .skip])
    }

    @Test func `a job may work on one deployment after the other`() {
        var script = RunScript.deployed
        var seen = DeploymentSeen(
            id: "other", name: "other", url: nil, dashboardURL: nil, created: true, previousRevisionID: nil,
            activeRevisionID: nil)
        for job: JobPath in ["deploy", "deploy"] {
            seen.job = job
            script.add(seen)
        }
        let summary = RunSummary(events: script.events)
        #expect(summary.rollouts.map(\.deployment?.id) == ["d0000000-0000-4000-8000-00000000000d", "other"])
        #expect(summary.rollouts.map(\.liveRevisionID) == [RunScript.newRevision, nil])
    }

    @Test func `a commit that one job reads is the commit of all when there is no other`() {
        var script = RunScript()
        script.startRun()
        var read = CommitRead(sha: "abc", ref: nil, branch: nil, tag: nil, dirty: nil, remoteURL: nil, subject: nil)
        read.job = "check"
        script.add(read)
        var seen = DeploymentSeen(
            id: "d", name: "agent", url: nil, dashboardURL: nil, created: true, previousRevisionID: nil,
            activeRevisionID: nil)
        seen.job = "deploy"
        script.add(seen)
        #expect(RunSummary(events: script.events).main.commit?.sha == "abc")
        (read.sha, read.job) = ("def", "other")
        script.add(read)
        #expect(RunSummary(events: script.events).main.commit == nil)
    }

    @Test func `what serves on each deployment stands in the last words`() {
        let text = ConsoleSummary(fleet, clean: clean).text
        #expect(
            text.hasPrefix(
                """
                FAILED: 3f2a1bc on agent-eu; rolled back to revision eu-old; \
                1 of 2 deployments succeeded
                """))
        #expect(
            text.contains("  live now     agent-us (success): revision us-new, commit \(RunScript.commit), https://us"))
        #expect(text.contains("               agent-eu (failure): revision eu-restored, https://eu.example.com\n"))
        #expect(
            Headline(deployed, clean: clean).text
                == "3f2a1bc is live on 2 deployments (agent-us, agent-eu) in 50s")
    }

    @Test func `a run that is stopped tells of every revision it leaves behind`() {
        let events = RunScript.fleet.events.prefix { !($0.payload is StepFinished) }
        let headline = Headline(RunSummary(events: Array(events)), clean: clean).text
        #expect(
            headline.contains(
                "agent-us: revision us-new was BUILDING when last seen; agent-eu: revision eu-new is BUILD_FAILED"))
    }

    @Test func `the JSON report has all of them`() throws {
        struct Read: Decodable {
            struct Named: Decodable { var name: String? }
            struct Rollout: Decodable { var result: String?, deployment: Named }
            var deployment: Named, rollouts: [Rollout]
        }
        let decoder = JSONDecoder()
        let report = try decoder.decode(Read.self, from: Data(JSONReport(fleet).pretty().utf8))
        #expect(report.deployment.name == "agent-eu")
        #expect(report.rollouts.map(\.deployment.name) == ["agent-us", "agent-eu"])
        #expect(report.rollouts.map(\.result) == ["success", "failure"])
    }

    @Test func `a suite of the JUnit report has the ids of its own deployment, and its own phases`() {
        let suites = TestSuite.suites(of: fleet, positions: [:], pipelineURL: nil)
        #expect(suites.map { $0.properties.first?.value } == ["d-us", "d-eu"])
        #expect(suites.map { $0.properties.dropFirst().first?.value } == ["us-new", "eu-new"])
        #expect(suites.map { $0.cases.map(\.name).filter { $0.contains(":") }.count } == [3, 3])
        #expect(suites.map(\.counts.failures) == [0, 1])
    }

    @Test func `the summary has a row for each, and the page a heading`() {
        let markdown = MarkdownSummary([fleet]).text()
        #expect(
            markdown.contains(
                "| [agent-us](<https://smith.example.com/deployments/us>) | ✅ success | revision `us-new`"))
        #expect(
            markdown.contains("| [agent-eu](<https://smith.example.com/deployments/eu>) | ❌ failure | revision `eu-res")
        )
        let page = HTMLReport([fleet]).page
        #expect(page.contains("<h3 class=\"success\">agent-us <span class=\"badge\">success</span></h3>"))
        #expect(page.contains("<h3 class=\"failure\">agent-eu <span class=\"badge\">failure</span></h3>"))
        #expect(page.contains("3f2a1bc failed on agent-eu; the previous revision is live again"))
        #expect(HTMLReport([deployed]).page.contains("3f2a1bc is live on 2 deployments"))
    }

    @Test func `a pipeline gets the outputs of one deployment, and links to all`() throws {
        let outputs = PipelineOutputs(fleet).all
        func value(_ name: String) -> String? { outputs.first { $0.name == name }?.value }
        #expect(value("deployment-id") == "d-eu")
        #expect(value("revision-id") == "eu-new")
        #expect(value("live-revision-id") == "eu-restored")
        #expect(value("changed") == "true")
        let links = try GitLabAnnotations([fleet]).pretty()
        #expect(links.contains("Dashboard of agent-us") && links.contains("Dashboard of agent-eu"))
    }
}
