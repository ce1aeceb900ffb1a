import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine

/// Reads what is useful to know beside the watch of a revision, such as its logs, without ever delaying a verdict.
///
/// Each request is sent once and has to end before the next poll. Reads that fail may take 3 s of one step; after the
/// verdict, whatever is left to read has 2 s: 5 s in all.
struct BestEffortReader: Sendable {
    static let budget: Duration = .seconds(3)
    static let timeAfterVerdict: Duration = .seconds(2)
    /// In less time no request gets through.
    private static let shortestTime: Duration = .milliseconds(100)

    enum Reading<Answer: Sendable>: Sendable {
        case answer(Answer)
        case failed(ControlPlaneError)
        /// The time before the next poll was too short for it, or the control plane asks for a pause.
        case skipped
    }

    private let client: ControlPlaneClient
    private let clock: any RunClock
    private var budgetLeft = Self.budget
    private var endAfterVerdict: MonotonicInstant?

    init(client: ControlPlaneClient, clock: any RunClock) {
        self.client = client.withoutRetries()
        self.clock = clock
    }

    /// For what is read after a verdict only.
    static func afterVerdict(client: ControlPlaneClient, clock: any RunClock) -> BestEffortReader {
        var reader = BestEffortReader(client: client, clock: clock)
        reader.verdictIsKnown()
        return reader
    }

    /// Starts the time after the verdict, which does not depend on what was read before.
    mutating func verdictIsKnown() {
        endAfterVerdict = endAfterVerdict ?? clock.now.advanced(by: Self.timeAfterVerdict)
    }

    /// Runs `work` with a client whose requests end at `end` at the latest, or with the time after the verdict.
    ///
    /// Throws only `CancellationError` and errors that are not the control plane's.
    mutating func read<Answer>(
        until end: MonotonicInstant? = nil, _ work: (ControlPlaneClient) async throws -> Answer
    ) async throws -> Reading<Answer> {
        let start = clock.now
        let limit = endAfterVerdict ?? min(end ?? start, start.advanced(by: budgetLeft))
        guard start.duration(to: limit) >= Self.shortestTime else { return .skipped }
        do {
            return .answer(try await work(client.with(deadline: limit)))
        } catch let error as ControlPlaneError {
            budgetLeft -= start.duration(to: clock.now)
            let mayComeLater = clock.now >= limit || error.kind == .rateLimited
            return endAfterVerdict == nil && mayComeLater ? .skipped : .failed(error)
        }
    }
}

extension BestEffortReader {
    /// What is live once the verdict is known; nil when that cannot be read now.
    static func deploymentAfterVerdict(
        _ id: DeploymentID, client: ControlPlaneClient, clock: any RunClock
    ) async throws -> Deployment? {
        var reader = afterVerdict(client: client, clock: clock)
        guard case .answer(let now) = try await reader.read({ try await $0.deployment(id) }) else { return nil }
        return now
    }
}

extension Deployment {
    /// The end of a message about what is not live: "; revision X is live now".
    var liveClause: String {
        activeRevisionID.map { "; revision \($0) is live now" } ?? "; no revision is live now"
    }
}
