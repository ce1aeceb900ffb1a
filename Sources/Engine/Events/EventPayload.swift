package import Redaction
import WorkflowModel

/// What an event says, beside its place in the run.
///
/// A new kind of event is a type in the file of its family, listed there; its description in
/// `schema/event.schema.json`; and what `RunState` and the reports' reducer make of it.
package protocol EventPayload: Codable, Sendable, Equatable {
    /// The value of `type` in JSON.
    static var type: String { get }

    /// The job that the event is about; nil when it is about the run. Setting it has no effect on the latter.
    var jobPath: JobPath? { get set }

    /// The payload without secrets, in every text that something outside this program may have written.
    func redacted(by redactor: Redactor) -> Self
}

extension EventPayload {
    package var jobPath: JobPath? {
        get { nil }
        set {}
    }

    package func isEqual(to other: any EventPayload) -> Bool { other as? Self == self }
}

/// A payload about one job.
package protocol JobPayload: EventPayload {
    var job: JobPath { get set }
}

extension JobPayload {
    package var jobPath: JobPath? {
        get { job.isEmpty ? nil : job }
        set { job = newValue ?? JobPath([]) }
    }
}

/// A payload that a step records for the reports; the step's context adds the job.
package protocol DeploymentPayload: EventPayload {
    var job: JobPath? { get set }
}

extension DeploymentPayload {
    package var jobPath: JobPath? {
        get { job }
        set { job = newValue }
    }
}

extension Redactor {
    func redact(_ text: String?) -> String? { text.map { redact($0) } }

    func redact(_ value: Value) -> Value { value.mapTexts { redact($0) } }
}

/// The types of events there are.
enum EventTable {
    static let types: [any EventPayload.Type] = lifecycleEvents + stepEvents + deploymentEvents

    private static let byName = Dictionary(types.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    static func type(named name: String) -> (any EventPayload.Type)? { byName[name] }
}

// MARK: - Workflows that steps use

extension EventPayload {
    /// The event as the run sees it when it happens in the workflow at `path`; nil for what only that workflow needs.
    func nested(in path: JobPath) -> (any EventPayload)? {
        if self is RunStarted || self is RunCancelled || self is RunFinished { return nil }
        var payload = self
        payload.jobPath = jobPath?.prefixed(by: path)
        return payload
    }

    /// The event as the workflow at `path` sees it; nil for what other jobs did.
    func relative(to path: JobPath) -> (any EventPayload)? {
        guard let jobPath else { return self }
        guard let relative = jobPath.relative(to: path) else { return nil }
        var payload = self
        payload.jobPath = relative
        return payload
    }
}
