/// Where the jobs of a workflow stand that a step uses: their ids in the events begin with this path.
///
/// No job of a workflow has the separator in its id, neither by the rules for names nor in the row of a matrix.
package struct NestedPath: Sendable, Equatable {
    static let separator: Character = "›"

    private let text: String

    /// The step `step` of `job`, in its try number `generation`, from 1; tries that an interruption cut into two are one.
    init(job: String, step: String, generation: Int) {
        let place = generation > 1 ? "\(step) #\(generation)" : step
        text = "\(job) \(Self.separator) \(place) \(Self.separator) "
    }

    static func isNested(_ job: String) -> Bool { job.contains(separator) }

    /// Whether a job is of a workflow that a step of `outer` uses, however deep.
    package static func isInside(_ job: String, of outer: String) -> Bool { job.hasPrefix("\(outer) \(separator) ") }

    /// The job of the run itself in whose steps, however deep, a job is.
    package static func outermost(of job: String) -> String {
        job.firstRange(of: " \(separator) ").map { String(job[..<$0.lowerBound]) } ?? job
    }

    /// What the run outside is told; nil for what only the workflow inside has to know.
    func outer(_ payload: RunEvent.Payload) -> RunEvent.Payload? {
        switch payload {
        case .runStarted, .runCancelled, .runFinished: nil
        default: payload.job.map { payload.moved(to: text + $0) } ?? payload
        }
    }

    /// What the workflow inside has to know of an event; nil for what other jobs did.
    func inner(_ payload: RunEvent.Payload) -> RunEvent.Payload? {
        guard let job = payload.job else { return payload }
        guard job.hasPrefix(text) else { return nil }
        return payload.moved(to: String(job.dropFirst(text.count)))
    }
}

extension RunEvent.Payload {
    /// The job it is about, if it is about one.
    var job: String? {
        switch self {
        case .jobStarted(let payload): payload.job
        case .jobFinished(let payload): payload.job
        case .stepStarted(let payload): payload.job
        case .stepFinished(let payload): payload.job
        case .outputRecorded(let payload): payload.job
        case .effectIntended(let payload): payload.job
        case .noted(let payload): payload.job.isEmpty ? nil : payload.job
        case .logged(let payload): payload.job
        case .commitRead(let payload): payload.job
        case .deploymentSeen(let payload): payload.job
        case .revisionSeen(let payload): payload.job
        case .rollbackSeen(let payload): payload.job
        case .runStarted, .runCancelled, .runFinished, .requestsCounted: nil
        }
    }

    /// The same of another job; what is about no job stays as it is.
    func moved(to job: String) -> RunEvent.Payload {
        switch self {
        case .jobStarted(let payload): .jobStarted(payload.moved(to: job))
        case .jobFinished(let payload): .jobFinished(payload.moved(to: job))
        case .stepStarted(let payload): .stepStarted(payload.moved(to: job))
        case .stepFinished(let payload): .stepFinished(payload.moved(to: job))
        case .outputRecorded(let payload): .outputRecorded(payload.moved(to: job))
        case .effectIntended(let payload): .effectIntended(payload.moved(to: job))
        case .noted(let payload): .noted(payload.moved(to: job))
        case .logged(let payload): .logged(payload.moved(to: job))
        case .commitRead(let payload): .commitRead(payload.moved(to: job))
        case .deploymentSeen(let payload): .deploymentSeen(payload.moved(to: job))
        case .revisionSeen(let payload): .revisionSeen(payload.moved(to: job))
        case .rollbackSeen(let payload): .rollbackSeen(payload.moved(to: job))
        case .runStarted, .runCancelled, .runFinished, .requestsCounted: self
        }
    }
}

/// Payloads that name a job.
private protocol OfJob {
    var job: String { get set }
}

extension OfJob {
    fileprivate func moved(to job: String) -> Self {
        var copy = self
        copy.job = job
        return copy
    }
}

/// Journals of earlier versions name no job for these.
private protocol OfKnownJob {
    var job: String? { get set }
}

extension OfKnownJob {
    fileprivate func moved(to job: String) -> Self {
        var copy = self
        copy.job = job
        return copy
    }
}

extension JobStarted: OfJob {}
extension JobFinished: OfJob {}
extension StepStarted: OfJob {}
extension StepFinished: OfJob {}
extension OutputRecorded: OfJob {}
extension EffectIntended: OfJob {}
extension Noted: OfJob {}
extension Logged: OfJob {}
extension CommitRead: OfKnownJob {}
extension DeploymentSeen: OfKnownJob {}
extension RevisionSeen: OfKnownJob {}
extension RollbackSeen: OfKnownJob {}
