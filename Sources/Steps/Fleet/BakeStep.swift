import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import Fleet
import FoundationEssentials
import WorkflowModel

/// `bake`: waits, then verifies again that what the rows of a job deployed is live.
struct BakeStep: Step {
    static let signature = StepSignature(
        uses: "bake",
        summary: "Waits, then verifies again that every revision that the rows of a job deployed is still live.",
        inputs: [
            .init("for", isRequired: true, as: .duration, "how long to wait"),
            .init(
                "rows", isRequired: true,
                "the rows of a job with a matrix: `${{ needs.JOB.rows }}`; their outputs have the ids of the deployment and the revision"
            ),
        ],
        outputs: [
            .init("ends-at", "when the wait ends", durable: true),
            .init("verified", "how many revisions are live"),
            .init("moved", "the rows whose deployment somebody else has changed since"),
        ], access: .reads, isMomentary: true)

    /// How many deployments are read at a time.
    private static let parallelReads = 50

    private let duration: Duration
    private let revisions: [DeployedRevision]
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) throws {
        self.services = services
        duration = try inputs.duration("for")
        revisions = inputs.members("rows").compactMap(DeployedRevision.init).sorted { $0.row < $1.row }
    }

    func run(in context: StepContext) async throws {
        try await explainingFailures(in: context) {
            try await wait(context)
            var result = Result()
            for (connection, group) in Dictionary(grouping: revisions, by: \.connection).sorted(by: { $0.key < $1.key })
            {
                result.add(try await verify(group, at: connection, context))
            }
            context.output("verified", .number(Double(result.live)))
            context.output("moved", .list(result.moved.map { .string($0) }))
            if let failure = result.failure { throw failure }
            context.note("\(result.live) revisions are live after \(duration.brief)")
        }
    }

    /// A resumed run waits for what is left of the time.
    private func wait(_ context: StepContext) async throws {
        let now = context.clock.date
        let earlier = context.previousAttempts.outputs["ends-at"]?.text.asTimestamp
        let end = earlier ?? now.addingTimeInterval(duration.seconds)
        context.output("ends-at", .string(EventTimestamp.text(from: end)))
        let left = Duration.seconds(min(max(end.timeIntervalSince(now), 0), duration.seconds))
        try await context.clock.sleep(for: left)
    }

    /// Reads a hundred deployments a request, and those again that do not serve what they should.
    private func verify(
        _ revisions: [DeployedRevision], at connection: StepConnection, _ context: StepContext
    ) async throws -> Result {
        let client = try client(of: connection).with(deadline: context.deadline)
        let found = try await context.confirmingRefusals(of: client) {
            try await client.deployments(revisions.map(\.deployment.rawValue))
        }
        let isLive = { (revision: DeployedRevision) in
            found[revision.deployment.rawValue.lowercased()]?.activeRevisionID == revision.revision
        }
        var result = Result()
        result.live = revisions.count(where: isLive)
        var rest = revisions.filter { !isLive($0) }[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.parallelReads)
            rest = rest.dropFirst(part.count)
            try await withThrowingTaskGroup(of: Result.self) { group in
                for revision in part { group.addTask { try await revision.judge(client, context) } }
                for try await judged in group { result.add(judged) }
            }
        }
        return result
    }

    private func client(of connection: StepConnection) throws -> ControlPlaneClient {
        guard connection != StepConnection(), let plane = try services.connect(connection) else {
            return services.client
        }
        return plane.client
    }
}

/// A revision that a row deployed.
private struct DeployedRevision {
    var row: String
    var deployment: DeploymentID
    var revision: RevisionID
    var connection = StepConnection()

    /// Nil for a row that deployed nothing.
    init?(_ row: String, _ value: Value) {
        guard case .object(let members) = value, case .object(let outputs)? = members["outputs"],
            members["result"]?.text == "success", let deployment = outputs["deployment-id"]?.nonEmpty,
            let revision = outputs["revision-id"]?.nonEmpty
        else { return nil }
        self.row = row
        self.deployment = DeploymentID(deployment)
        self.revision = RevisionID(revision)
        connection.controlPlane = outputs["control-plane"]?.nonEmpty
        connection.tenantID = outputs["tenant-id"]?.nonEmpty
        connection.keyVariable = outputs["api-key-variable"]?.nonEmpty
    }
}

extension DeployedRevision {
    /// A list may lag, so what it says is confirmed by reads of the deployment itself.
    fileprivate func judge(_ client: ControlPlaneClient, _ context: StepContext) async throws -> Result {
        let check = LiveRevisionCheck(client: client, context: context, deployment: deployment)
        var result = Result()
        do {
            let patience = LiveRevisionCheck.patienceOnceLive
            let deployment = try await check.waitUntilLive([revision], patience: patience)
            context.record(
                LiveRevisionSeen(id: deployment.id.rawValue, revisionID: deployment.activeRevisionID?.rawValue))
            switch deployment.activeRevisionID {
            case revision: result.live += 1
            // Nobody has made a newer one.
            case let older? where deployment.latestRevisionID == revision:
                result.failed.append("\(row): revision \(older) is live again instead of revision \(revision)")
            case let other?:
                result.moved.append(row)
                context.warn("\(row): revision \(other) of another deploy replaced revision \(revision)")
            case nil: result.failed.append("\(row): no revision is live")
            }
        } catch let failure as StepFailure where failure.verdict == .failed {
            result.failed.append("\(row): \(failure.message)")
        }
        return result
    }
}

/// What a look at all revisions found.
private struct Result {
    var live = 0
    var moved: [String] = []
    var failed: [String] = []

    mutating func add(_ other: Result) {
        live += other.live
        moved += other.moved
        failed += other.failed
    }

    /// Moved rows alone are a superseded run: they say nothing about the others.
    var failure: StepFailure? {
        if !failed.isEmpty {
            return StepFailure(
                .failed, code: "NotLiveAnyMore", "\(failed.count) of \(live + moved.count + failed.count) are not live",
                hint: "check them with slipway fleet status", details: failed)
        }
        guard !moved.isEmpty else { return nil }
        return StepFailure(
            .superseded, code: "Superseded", "another deploy replaced the revisions of: \(moved.listed())",
            hint: "check them with slipway fleet status")
    }
}

extension Value {
    fileprivate var nonEmpty: String? { text.isEmpty ? nil : text }
}

extension String {
    fileprivate var asTimestamp: Date? { EventTimestamp.date(from: self) }
}

extension StepConnection: Comparable {
    package static func < (left: StepConnection, right: StepConnection) -> Bool { left.text < right.text }

    private var text: String { "\(controlPlane ?? "") \(tenantID ?? "") \(keyVariable ?? "")" }
}
