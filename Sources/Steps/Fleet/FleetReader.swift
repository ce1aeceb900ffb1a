import ControlPlane
package import ControlPlaneTypes
package import Engine
package import Fleet

/// A fleet as the control planes have it now.
package struct FleetSnapshot: Sendable {
    package var rollout: FleetRollout
    /// By name of the target; none for a deployment that does not exist yet.
    package var deployments: [String: Deployment]
    /// What could not be read, by name of the target; the deployments that were to be discovered there are not known.
    package var unread: [String: StepFailure] = [:]
    /// Each once.
    package var problems: [StepFailure] = []
}

/// Looks up the deployments of a fleet with as few requests as possible. Changes nothing.
package struct FleetReader: Sendable {
    /// How many ids a request for several deployments names.
    static let batch = 100
    /// With more names than this, the whole list costs less than a lookup of each.
    static let mostLookups = 5

    private let fleet: Fleet
    private let planes: FleetPlanes

    package init(_ fleet: Fleet, planes: FleetPlanes) {
        self.fleet = fleet
        self.planes = planes
    }

    /// Throws `StepFailure` (64) for a fleet that does not fit what the control planes have, and errors of the client.
    ///
    /// - Parameter isPartial: whether to return what could be read where a control plane cannot be.
    package func read(
        _ selection: FleetSelection = FleetSelection(), isPartial: Bool = false
    ) async throws -> FleetSnapshot {
        let part: Fleet
        do throws(FleetProblem) {
            part = try fleet.reading(selection)
        } catch {
            throw StepFailure(error)
        }
        return try await FleetReader(part, planes: planes).snapshot(selection, isPartial)
    }

    private func snapshot(_ selection: FleetSelection, _ isPartial: Bool) async throws -> FleetSnapshot {
        var members: [FleetMember] = []
        var found: [String: Deployment] = [:]
        var missing: [String] = []
        var unread: [String: StepFailure] = [:]
        var problems: [StepFailure] = []
        for connection in connections {
            let part: Part
            do {
                part = try await Part(fleet, connection, planes.plane(of: connection)).read()
            } catch {
                guard isPartial, !(error is CancellationError), let failure = StepFailure(explaining: error) else {
                    throw error
                }
                problems.append(failure)
                for target in fleet.targets where target.settings.connection == connection {
                    unread[target.name] = failure
                    members.append(FleetMember(unread: target))
                }
                continue
            }
            missing += part.missing
            members += part.members.map(\.member)
            for (member, deployment) in part.members {
                guard let deployment else { continue }
                found["\(member.plane) \(deployment.id.rawValue.lowercased())"] = deployment
            }
        }
        guard missing.isEmpty || isPartial else {
            throw StepFailure(
                .usage, code: "DeploymentNotFound", missing.joined(separator: "; "),
                hint: "correct the id, or name the deployment to create it")
        }
        let planeNames = Dictionary(
            members.map { ($0.target.connection, $0.plane) }, uniquingKeysWith: { first, _ in first })
        do throws(FleetProblem) {
            let rollout = try fleet.rollout(of: inFileOrder(members), selection)
            var deployments: [String: Deployment] = [:]
            for target in rollout.targets {
                guard let id = target.deploymentID, let plane = planeNames[target.connection] else { continue }
                deployments[target.name] = found["\(plane) \(id.lowercased())"]
            }
            return FleetSnapshot(rollout: rollout, deployments: deployments, unread: unread, problems: problems)
        } catch {
            throw StepFailure(error)
        }
    }

    /// Each once, in the order of the file.
    private var connections: [FleetConnection] {
        var seen: Set<FleetConnection> = []
        let all = fleet.targets.map(\.settings.connection) + fleet.discoveries.map(\.settings.connection)
        return all.filter { seen.insert($0).inserted }
    }

    private func inFileOrder(_ members: [FleetMember]) -> [FleetMember] {
        let places = Dictionary(
            fleet.targets.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        return members.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            return (first.isDiscovered ? Int.max : places[first.target.name] ?? Int.max, left.offset)
                < (second.isDiscovered ? Int.max : places[second.target.name] ?? Int.max, right.offset)
        }.map(\.element)
    }
}

/// The targets of one control plane, workspace and key.
private struct Part {
    let fleet: Fleet
    let connection: FleetConnection
    let plane: FleetPlanes.Plane
    var members: [(member: FleetMember, deployment: Deployment?)] = []
    /// Ids that no deployment has.
    var missing: [String] = []

    init(_ fleet: Fleet, _ connection: FleetConnection, _ plane: FleetPlanes.Plane) {
        self.fleet = fleet
        self.connection = connection
        self.plane = plane
    }

    func read() async throws -> Part {
        var part = self
        for discovery in fleet.discoveries where discovery.settings.connection == connection {
            try await part.discover(discovery)
        }
        let targets = fleet.targets.filter { $0.settings.connection == connection }
        try await part.lookUpNames(targets.filter { $0.deployment != nil })
        try await part.lookUpIDs(targets.filter { $0.deploymentID != nil })
        return part
    }

    private mutating func discover(_ discovery: FleetDiscovery) async throws {
        var filter = DeploymentFilter()
        filter.nameContains = discovery.nameContains
        let found = try await plane.client.allDeployments(filter)
            .filter { $0.name.contains(discovery.nameContains) && !$0.status.isBeingDeleted }
        for deployment in found.sorted(by: { $0.name < $1.name }) {
            let target = FleetRollout.Target(
                name: deployment.name, deployment: deployment.name, deploymentID: nil, settings: discovery.settings)
            add(target, discovery.settings, deployment, isDiscovered: true)
        }
    }

    private mutating func lookUpNames(_ targets: [FleetTarget]) async throws {
        var known = Dictionary(
            members.compactMap { $0.deployment.map { ($0.name, $0) } }, uniquingKeysWith: { first, _ in first })
        let unknown = targets.compactMap(\.deployment).filter { known[$0] == nil }
        if unknown.count > FleetReader.mostLookups {
            for deployment in try await plane.client.allDeployments() where !deployment.status.isBeingDeleted {
                known[deployment.name] = known[deployment.name] ?? deployment
            }
        } else {
            for name in unknown { known[name] = try await plane.client.deployment(named: name) }
        }
        for target in targets {
            let name = target.deployment ?? target.name
            add(FleetRollout.Target(target), target.settings, known[name], isDiscovered: false)
        }
    }

    private mutating func lookUpIDs(_ targets: [FleetTarget]) async throws {
        let known = try await plane.client.deployments(targets.compactMap(\.deploymentID))
        for target in targets {
            let id = target.deploymentID?.lowercased() ?? ""
            guard let deployment = known[id] else {
                missing.append("target '\(target.name)': deployment not found: \(target.deploymentID ?? "")")
                add(FleetRollout.Target(target), target.settings, nil, isDiscovered: false)
                continue
            }
            add(FleetRollout.Target(target), target.settings, deployment, isDiscovered: false)
        }
    }

    private mutating func add(
        _ target: FleetRollout.Target, _ settings: FleetSettings, _ deployment: Deployment?, isDiscovered: Bool
    ) {
        var target = target
        target.deployment = deployment?.name ?? target.deployment
        target.deploymentID = deployment?.id.rawValue
        target.activeRevisionID = deployment?.activeRevisionID?.rawValue
        let member = FleetMember(
            target: target, labels: settings.labels, plane: plane.name, isDiscovered: isDiscovered)
        members.append((member, deployment))
    }
}

extension FleetMember {
    /// A target whose control plane could not be read.
    fileprivate init(unread target: FleetTarget) {
        self.init(
            target: FleetRollout.Target(target), labels: target.settings.labels, plane: "unread \(target.name)",
            isDiscovered: false)
    }
}

extension FleetRollout.Target {
    fileprivate init(_ target: FleetTarget) {
        self.init(
            name: target.name, deployment: target.deployment, deploymentID: target.deploymentID,
            settings: target.settings)
    }
}

extension ControlPlaneClient {
    /// The deployments with these ids, by id in lower case, a hundred a request; those that do not exist are left out.
    func deployments(_ ids: [String]) async throws -> [String: Deployment] {
        var found: [String: Deployment] = [:]
        for start in stride(from: 0, to: ids.count, by: FleetReader.batch) {
            let part = ids[start..<min(start + FleetReader.batch, ids.count)]
            var filter = DeploymentFilter()
            filter.ids = part.map { DeploymentID($0) }
            for deployment in try await listDeployments(filter, limit: FleetReader.batch).resources {
                found[deployment.id.rawValue.lowercased()] = deployment
            }
        }
        return found
    }
}

extension StepFailure {
    package init(_ problem: FleetProblem) {
        self.init(
            .usage, code: "InvalidFleet", problem.messages.joined(separator: "; "), hint: problem.hint)
    }
}
