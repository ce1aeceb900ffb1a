import ControlPlane
import ControlPlaneTypes
import Engine

/// Tells a run the log lines of a revision while it is watched.
struct LogStreamer: Sendable {
    private let context: StepContext
    private var followers: [(kind: LogQuery.Kind, follower: LogFollower)]
    private var isSilent = false

    init(client: ControlPlaneClient, context: StepContext, deployment: DeploymentID, revision: RevisionID) {
        self.context = context
        followers = LogQuery.Kind.allCases.map {
            ($0, LogFollower(client: client, deployment: deployment, revision: revision, kind: $0))
        }
    }

    /// Tells what is new of the log that is being written in this status, and of both in a final one. A log that
    /// cannot be read costs a warning: the deploy does not hang on it.
    mutating func look(_ status: RevisionStatus) async {
        for index in followers.indices where Self.isWritten(followers[index].kind, in: status) {
            let kind = followers[index].kind
            do {
                let lines = try await followers[index].follower.next().flatMap(\.lines)
                context.log(lines, from: kind.rawValue)
            } catch let error as ControlPlaneError {
                if !isSilent { context.warn("the \(kind.rawValue) log cannot be followed: \(error.message)") }
                isSilent = true
            } catch {
                return
            }
        }
    }

    private static func isWritten(_ kind: LogQuery.Kind, in status: RevisionStatus) -> Bool {
        if status.isTerminal { return true }
        return switch RolloutPhase(status) {
        case .building: kind == .build
        case .deploying, .unclear: true
        }
    }
}

extension StepServices {
    /// Nil where logs are not followed.
    func logShow(of revision: RevisionID, in deployment: DeploymentID, _ context: StepContext) -> LogStreamer? {
        guard followsLogs else { return nil }
        return LogStreamer(client: client, context: context, deployment: deployment, revision: revision)
    }
}
