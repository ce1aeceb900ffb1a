import Clocks
import Engine
import Foundation
import TestSupport
import Testing

@testable import Reports

/// All reports of one run say the same, and it is what the process exits with.
struct ReportAgreementTests {
    enum Ending: CaseIterable {
        case deployed, rolledBack, timedOut, stopped, refused, fleet, fleetDeployed

        var script: RunScript {
            switch self {
            case .deployed: .deployed
            case .rolledBack: .failedAndRolledBack
            case .timedOut: .timedOut
            case .stopped: .stopped
            case .refused: .refused
            case .fleet: .fleet
            case .fleetDeployed: .fleetDeployed
            }
        }

        var verdict: Verdict {
            switch self {
            case .deployed: .success
            case .rolledBack: .failed
            case .timedOut: .timedOut
            case .stopped: .terminated
            case .refused: .notAuthorised
            case .fleet: .failed
            case .fleetDeployed: .success
            }
        }
    }

    private struct Read: Decodable {
        struct Step: Decodable { var id: String, durationMs: Int, result: String? }
        struct Deployment: Decodable { var url: String? }

        var result: String
        var exitCode: Int32
        var liveRevisionId: String?
        var deployment: Deployment
        var steps: [Step]
    }

    private func json(_ summary: RunSummary) throws -> Read {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Read.self, from: Data(JSONReport(summary).pretty().utf8))
    }

    @Test(arguments: Ending.allCases)
    func `the outcome is the same everywhere`(ending: Ending) throws {
        let summary = RunSummary(events: ending.script.events)
        let outcome = ending.verdict.outcome
        let json = try json(summary)
        #expect(json.result == outcome.rawValue)
        #expect(json.exitCode == ending.verdict.exitCode)

        let junit = JUnitReport([summary]).xml
        #expect(junit.contains("<failure ") == (outcome == .failure))
        #expect(junit.contains("<error ") == [.error, .timeout, .cancellation].contains(outcome))

        let markdown = MarkdownSummary([summary]).text()
        #expect(markdown.hasPrefix("### \((outcome as Outcome?).symbol) "))
        #expect(markdown.contains("exit code \(ending.verdict.exitCode) |"))

        let page = HTMLReport([summary]).page
        #expect(page.contains("<article class=\"\(outcome.rawValue)\">"))
        #expect(page.contains("exit code \(ending.verdict.exitCode) · "))

        let outputs = PipelineOutputs(summary)
        #expect(outputs.all.first == .init(name: "result", value: outcome.rawValue))
        #expect(DotenvReport(outputs).text.hasPrefix("SLIPWAY_RESULT=\(outcome.rawValue)\n"))
        #expect(GitHubAnnotations(summary).lines.contains { $0.hasPrefix("::error ") } == (outcome != .success))
    }

    @Test(arguments: Ending.allCases)
    func `what serves, and how long each step took, is the same everywhere`(ending: Ending) throws {
        let summary = RunSummary(events: ending.script.events)
        let json = try json(summary)
        let texts = [MarkdownSummary([summary]).text(), HTMLReport([summary]).page]
        if let live = json.liveRevisionId {
            for text in texts { #expect(text.contains(live)) }
            #expect(PipelineOutputs(summary).all.contains(.init(name: "live-revision-id", value: live)))
        }
        let junit = JUnitReport([summary]).xml
        for step in json.steps {
            let milliseconds = String(1000 + step.durationMs % 1000).dropFirst()
            #expect(junit.contains("name=\"\(step.id)\" time=\"\(step.durationMs / 1000).\(milliseconds)\""))
        }
        for step in summary.steps where step.result != .skip {
            for text in texts { #expect(text.contains(step.duration.brief), "\(step.id)") }
        }
    }
}
