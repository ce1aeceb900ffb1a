import ControlPlane
import ControlPlaneTypes
package import Engine
package import Fleet
import WorkflowModel

/// What the targets of a fleet serve, against what is wanted.
package struct FleetStatus: Sendable {
    package enum State: String, Codable, Sendable, CaseIterable {
        /// What is wanted is live.
        case current
        case behind
        /// A commit is live that contains the wanted one.
        case ahead
        /// The deployment does not exist, or serves nothing yet.
        case missing, empty
        /// The control plane does not name the commit, or it is not known what is wanted.
        case unknown
        /// Its control plane could not be read.
        case unreachable
    }

    package struct Row: Sendable {
        package var wave: String
        package var target: FleetRollout.Target
        package var state: State
        package var liveRevision: String?
        /// A commit, or an image.
        package var live: String?
        package var wanted: String?
        /// A newer revision than the live one.
        package var newerRevision: String?
    }

    package var waves: [FleetRollout.Wave]
    package var rows: [Row]
    /// What could not be read.
    package var problems: [StepFailure] = []
}

/// Reads what is live with few requests: a list names the commit of the newest revision, so a revision is read only
/// where another one is live.
package struct FleetStatusReader: Sendable {
    /// How many revisions are read at a time.
    private static let parallelReads = 8

    private let planes: FleetPlanes
    private let uploads: UploadIndex.Entries
    private let ancestry: AncestryReader

    package init(planes: FleetPlanes, uploads: UploadIndex.Entries, directory: String = ".") {
        self.planes = planes
        self.uploads = uploads
        ancestry = AncestryReader(directory: directory)
    }

    /// - Parameter commit: the commit that is wanted; nil if there is none.
    package func status(_ snapshot: FleetSnapshot, commit: String?) async throws -> FleetStatus {
        var snapshot = snapshot
        let live = try await liveRevisions(&snapshot)
        var contains: [String: Bool] = [:]
        var rows: [FleetStatus.Row] = []
        for wave in snapshot.rollout.waves {
            for target in wave.targets {
                let wanted = target.inputs["image"]?.text ?? commit
                var row = FleetStatus.Row(wave: wave.name, target: target, state: .missing, wanted: wanted)
                if snapshot.unread[target.name] != nil { row.state = .unreachable }
                if let deployment = snapshot.deployments[target.name] {
                    let revision = live[target.name]
                    row.liveRevision = deployment.activeRevisionID?.rawValue
                    row.live = revision?.image?.text ?? revision?.builtCommit(uploads: uploads)
                    if target.inputs["image"] == nil { row.live = revision?.builtCommit(uploads: uploads) ?? row.live }
                    row.newerRevision =
                        deployment.latestRevisionID == deployment.activeRevisionID
                        ? nil : deployment.latestRevisionID?.rawValue
                    if row.state == .missing {
                        row.state = row.liveRevision == nil ? .empty : Self.state(row.live, wanted)
                    }
                }
                if row.state == .behind, let live = row.live, let commit, target.inputs["image"] == nil {
                    if contains[live] == nil { contains[live] = await ancestry.isAncestor(commit, of: live) ?? false }
                    if contains[live] == true { row.state = .ahead }
                }
                rows.append(row)
            }
        }
        return FleetStatus(waves: snapshot.rollout.waves, rows: rows, problems: snapshot.problems)
    }

    private static func state(_ live: String?, _ wanted: String?) -> FleetStatus.State {
        guard let live, let wanted else { return .unknown }
        if CommitName.isSame(live, wanted) || ImageReference(live).isSame(as: ImageReference(wanted)) {
            return .current
        }
        return .behind
    }

    /// By name of the target. A revision that cannot be read is a problem of its target.
    private func liveRevisions(_ snapshot: inout FleetSnapshot) async throws -> [String: Revision] {
        var known: [String: Revision] = [:]
        var open: [(target: FleetRollout.Target, deployment: Deployment, active: RevisionID)] = []
        for target in snapshot.rollout.targets {
            guard let deployment = snapshot.deployments[target.name], let active = deployment.activeRevisionID else {
                continue
            }
            if let revision = deployment.listedLiveRevision,
                revision.image != nil || revision.builtCommit(uploads: uploads) != nil
            {
                known[target.name] = revision
            } else {
                open.append((target, deployment, active))
            }
        }
        for start in stride(from: 0, to: open.count, by: Self.parallelReads) {
            let part = open[start..<min(start + Self.parallelReads, open.count)]
            let read = try await withThrowingTaskGroup(of: (String, Result<Revision, StepFailure>).self) { group in
                for (target, deployment, active) in part {
                    let client = try planes.plane(of: target.connection).client
                    group.addTask { (target.name, try await client.known(active, of: deployment.id)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (name, result) in read {
                switch result {
                case .success(let revision): known[name] = revision
                case .failure(let failure):
                    snapshot.unread[name] = failure
                    snapshot.problems.append(failure)
                }
            }
        }
        return known
    }
}

extension ControlPlaneClient {
    /// Throws `CancellationError`.
    fileprivate func known(
        _ revision: RevisionID, of deployment: DeploymentID
    ) async throws -> Result<Revision, StepFailure> {
        do {
            return .success(try await self.revision(revision, of: deployment))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .failure(StepFailure(explaining: error) ?? .unexpected(error))
        }
    }
}

extension Deployment {
    /// A deployment has the source of its newest revision; nil if another one is live.
    fileprivate var listedLiveRevision: Revision? {
        guard let activeRevisionID, activeRevisionID == latestRevisionID else { return nil }
        var revision = Revision(id: activeRevisionID, status: .deployed)
        (revision.source, revision.sourceRevisionConfig) = (source, sourceRevisionConfig)
        return revision
    }
}
