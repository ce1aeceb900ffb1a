import Clocks
package import Engine
import FoundationEssentials
package import WorkflowModel

/// A JUnit report: one suite for each job, one case for each step and for each phase of a rollout that a step waited
/// for. Its schema is `schema/slipway-junit.xsd`.
package struct JUnitReport: Sendable {
    private let summaries: [RunSummary]
    private let isStrict: Bool
    private let positions: [RunID: [StepAddress: SourcePosition]]
    private let pipelineURL: String?

    /// - Parameters:
    ///   - summaries: several runs make one report.
    ///   - strict: leaves out what the schema of Jenkins' xunit plugin does not know.
    ///   - positions: by run, where the steps stand in the workflow's files; one outside of the repository is left out.
    ///   - pipelineURL: the page of the CI run, for the suites' properties.
    package init(
        _ summaries: [RunSummary], strict: Bool = false, positions: [RunID: [StepAddress: SourcePosition]] = [:],
        pipelineURL: String? = nil
    ) {
        self.summaries = summaries
        isStrict = strict
        self.positions = positions
        self.pipelineURL = pipelineURL
    }

    /// The document, short enough for every reader.
    package var xml: String { xml(within: JUnitLimits.maximumBytes) }

    /// At most `bytes` long, as far as cutting texts can make it so.
    func xml(within bytes: Int) -> String {
        let suites = suites
        var result = ""
        for limits in JUnitLimits.everSmaller {
            result = JUnitDocument(suites: suites, isStrict: isStrict, limits: limits).root.document
            if result.utf8.count <= bytes { break }
        }
        return result
    }

    private var suites: [TestSuite] {
        var taken: Set<String> = []
        return summaries.flatMap { summary in
            let own = summary.runID.flatMap { positions[$0] } ?? [:]
            return TestSuite.suites(of: summary, positions: own, pipelineURL: pipelineURL).map { suite in
                var suite = suite
                if summaries.count > 1, let deployment = summary.main.deployment?.name {
                    suite.name = "\(deployment) \(suite.name)"
                }
                suite.name = suite.name.asJUnitName.madeUnique(in: &taken)
                return suite
            }
        }
    }
}
