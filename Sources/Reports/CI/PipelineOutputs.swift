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
            ("deployment-id", summary.deployment?.id),
            ("deployment-url", summary.deployment?.url), ("dashboard-url", summary.deployment?.dashboardURL),
            ("revision-id", summary.revision?.id), ("previous-revision-id", summary.previousRevisionID),
            ("live-revision-id", summary.liveRevisionID), ("commit-sha", summary.commit?.sha),
            ("changed", summary.hasChanged ? "true" : "false"), ("report-path", reportPath),
        ]
        all = known.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return Output(name: name, value: value)
        }
    }
}

extension RunSummary {
    /// Whether this run is known to have made a revision, seen one come up, or gone back to one; a revision that was
    /// live before it changes nothing.
    var hasChanged: Bool {
        rollback?.attempted == true
            || revisions.contains { hasIntendedChange || $0.timeline.first?.status != "DEPLOYED" }
    }
}
