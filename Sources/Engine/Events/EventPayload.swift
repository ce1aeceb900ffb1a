import WorkflowModel

/// The content of an event, without its envelope.
///
/// A new event needs a type in the file of its family, listed there; its description in `schema/event.schema.json`;
/// and its cases in the reducers (`RunState` and the reports').
package protocol EventPayload: Codable, Sendable, Equatable {
    /// The value of `type` in JSON.
    static var type: String { get }

    /// The job of the event; nil for events of the run, which ignore setting it.
    var jobPath: JobPath? { get set }

    /// The payload with secrets redacted in every text that can come from outside slipway.
    func redacted(by redactor: EventRedactor) -> Self

    /// The payload as a resumed run reads it from its journal.
    func restored(by restorer: SecretRestorer) -> Self
}

extension EventPayload {
    package var jobPath: JobPath? {
        get { nil }
        set {}
    }

    package func restored(by restorer: SecretRestorer) -> Self { self }

    package func isEqual(to other: any EventPayload) -> Bool { other as? Self == self }
}

/// A payload of one job.
package protocol JobPayload: EventPayload {
    var job: JobPath { get set }
}

extension JobPayload {
    package var jobPath: JobPath? {
        get { job.isEmpty ? nil : job }
        set { job = newValue ?? JobPath([]) }
    }
}

/// A payload that a step records for reports; the step's context sets the job.
package protocol DeploymentPayload: EventPayload {
    var job: JobPath? { get set }
    /// The names, refs, ids and addresses in it.
    var facts: [String] { get }
}

extension DeploymentPayload {
    package var facts: [String] { [] }

    package var jobPath: JobPath? {
        get { job }
        set { job = newValue }
    }
}

/// All event types.
enum EventTable {
    static let types: [any EventPayload.Type] = lifecycleEvents + stepEvents + deploymentEvents

    private static let byName = Dictionary(types.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    static func type(named name: String) -> (any EventPayload.Type)? { byName[name] }
}

// MARK: - Workflows that steps use

extension EventPayload {
    /// The payload of an event in the workflow at `path`, for the outer run; nil for the workflow's own lifecycle events.
    func nested(in path: JobPath) -> (any EventPayload)? {
        if self is RunStarted || self is RunCancelled || self is RunFinished { return nil }
        var payload = self
        payload.jobPath = jobPath?.prefixed(by: path)
        return payload
    }

    /// The payload relative to the workflow at `path`; nil for events of other jobs.
    func relative(to path: JobPath) -> (any EventPayload)? {
        guard let jobPath else { return self }
        guard let relative = jobPath.relative(to: path) else { return nil }
        var payload = self
        payload.jobPath = relative
        return payload
    }
}
