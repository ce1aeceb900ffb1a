import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Steps
import TestSupport
import WorkflowModel

/// Promises about time: deadlines, the way from a verdict to its rollback, and the pace of requests.
extension SwarmPromises {
    /// Five seconds for each of the two steps that may reach their deadline, and a second for the way.
    var duration: String? {
        // A killed process may have begun a rollback that its journal does not tell of.
        let mayHaveRolledBack = processes > 1 || result.outcome(of: "rollback").map { $0 != .skip } == true
        let rollback = mayHaveRolledBack ? scenario.timeout + .seconds(6) : .zero
        let pauses = scenario.kills.reduce(Duration.zero) { $0 + $1.pause }
        let limit = (scenario.timeout + .seconds(6) + rollback) * processes + pauses
        return result.duration <= limit ? nil : "took \(result.duration), longer than \(limit)"
    }

    /// What ends with the time of its step, before the answer is known, has timed out and nothing else.
    var deadline: String? {
        guard processes == 1 else { return nil }
        let steps = scenario.isRollbackByHand ? ["target", "rollback", "smoke"] : ["wait", "verify", "smoke"]
        for event in result.events {
            guard let end = event.payload as? StepFinished, steps.contains(end.step), let failure = end.failure,
                end.result == .failure, scenario.time(of: event) >= scenario.timeout, failure.verdict != .timedOut,
                !isAnswered(end.step, failure)
            else { continue }
            return "step \(end.step) ended at its deadline as \(failure.code), \(failure.verdict)"
        }
        return nil
    }

    /// A read may still begin so long after the deadline, and its answer counts (docs/failures.md, row 42).
    private static let lastRead: Duration = .seconds(3)
    /// A revision that is shown as interrupted for so long has ended.
    private static let interruptedGrace: Duration = .seconds(60)

    /// Whether the plane gave a final answer, or the caller chose what a timeout comes to.
    private func isAnswered(_ step: String, _ failure: StepFailure) -> Bool {
        if failure.code == "DeployTimeout" { return scenario.trial.inputs["on-timeout"] == "rollback" }
        if [.notAuthorised, .superseded, .commitMismatch].contains(failure.verdict) { return true }
        if history.isDeleted(at: result.duration) { return true }
        if failure.code == "SmokeTestFailed" { return isEveryTryUsed }
        guard step == "wait" || step == "rollback", let ours = ourRevision else { return false }
        let status = history.status(of: ours, at: scenario.timeout)
        if status.isFailure || (status.isTerminal && failure.code != "RollbackFailed") { return true }
        let polls = history.arrivals(at: WorkflowHarnessResult.poll).filter {
            $0.at <= scenario.timeout + Self.lastRead
        }
        if polls.contains(where: { history.status(of: ours, shownBy: $0)?.isFailure == true }) { return true }
        let interrupted = polls.filter { history.status(of: ours, shownBy: $0) == .interrupted }.compactMap(
            \.answer?.at)
        guard let first = interrupted.first, let last = interrupted.last else { return false }
        return last - first >= Self.interruptedGrace
    }

    /// Whether the last try of a smoke test began before the deadline: the end of its step may come up to 2 s later,
    /// when the log was read.
    private var isEveryTryUsed: Bool {
        let tries = history.arrivals(at: "GET").filter { $0.at < scenario.timeout }
        return tries.count > SmokeTest.pauses.count
    }

    /// A rollback starts within two seconds of the verdict, also when logs cannot be read; the rest is for the reads
    /// that it is decided on.
    var rollbackDelay: String? {
        guard !scenario.isRollbackByHand, processes == 1, let verdict = failedVerdict,
            let redeploy = history.arrivals(at: WorkflowHarnessResult.redeploy).first, redeploy.at > verdict
        else { return nil }
        let isDisturbed = history.arrivals.contains { arrival in
            guard let fault = arrival.fault, arrival.at <= redeploy.at else { return false }
            if case .status(429, _) = fault { return true }
            return arrival.at + .seconds(30) >= verdict && !Self.isLog(arrival)
        }
        guard !isDisturbed, redeploy.at - verdict > .milliseconds(2500) else { return nil }
        return "the rollback was requested \(redeploy.at - verdict) after the verdict"
    }

    /// When the client had the response that decided against our revision.
    private var failedVerdict: Duration? {
        guard let failure = result.failure, let ours = ourRevision else { return nil }
        if failure.code == "SmokeTestFailed" {
            return history.arrivals(at: "GET").last { $0.answer.map { $0.status >= 300 } == true }?.answer?.at
        }
        guard ["CreateFailed", "BuildFailed", "DeployFailed"].contains(failure.code) else { return nil }
        return history.arrivals(at: WorkflowHarnessResult.poll).first { poll in
            history.status(of: ours, shownBy: poll)?.isFailure == true
        }?.answer?.at
    }

    /// What is known to be deployed is not kept back by what is read besides.
    var verdictDelay: String? {
        guard processes == 1, let ours = ourRevision, !scenario.isRollbackByHand,
            let end = result.events.first(where: { ($0.payload as? StepFinished)?.step == "wait" }),
            (end.payload as? StepFinished)?.result == .success,
            !history.arrivals.contains(where: { if case .status(429, _) = $0.fault { true } else { false } }),
            let poll = history.arrivals(at: WorkflowHarnessResult.poll).first(where: {
                history.status(of: ours, shownBy: $0) == .deployed
            }),
            let answer = poll.answer?.at
        else { return nil }
        let delay = scenario.time(of: end) - answer
        return delay <= .seconds(6) ? nil : "the wait ended \(delay) after its revision was seen DEPLOYED"
    }

    private static func isLog(_ arrival: SwarmHistory.Arrival) -> Bool {
        arrival.request.endpoint == WorkflowHarnessResult.logs || arrival.request.endpoint.hasSuffix("_logs")
    }

    /// At most ten requests a second for what is watched.
    var pace: String? {
        let times = Dictionary(grouping: history.arrivals) { "\($0.request.method.rawValue) \($0.request.url)" }
        for (request, arrivals) in times.sorted(by: { $0.key < $1.key }) {
            for (first, eleventh) in zip(arrivals, arrivals.dropFirst(10))
            where eleventh.at - first.at < .seconds(1) {
                return "eleven requests within a second from \(first.at): \(request)"
            }
        }
        return nil
    }
}
