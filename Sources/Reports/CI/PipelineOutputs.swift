import Engine

/// What a run tells the steps of a pipeline after it. Names are those of the action's outputs; what is not known is
/// left out.
package struct PipelineOutputs: Sendable, Equatable {
    package struct Output: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package let all: [Output]

    /// - Parameter reportPath: where the report lies that a later step may want to read.
    package init(_ summary: RunSummary, reportPath: String? = nil) {
        let known: [(String, String?)] = [
            ("result", summary.verdict?.outcome.rawValue), ("run-id", summary.runID?.rawValue),
            ("deployment-id", summary.main.deployment?.id),
            ("deployment-url", summary.main.deployment?.url), ("dashboard-url", summary.main.deployment?.dashboardURL),
            ("revision-id", summary.main.revision?.id), ("previous-revision-id", summary.main.previousRevisionID),
            ("live-revision-id", summary.main.liveRevisionID), ("commit-sha", summary.main.commit?.sha),
            ("changed", summary.allRollouts.contains(where: \.hasChanged) ? "true" : "false"),
            ("report-path", reportPath),
        ]
        all = known.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return Output(name: name, value: value)
        }
    }
}
