/// The state of a revision. A string this version does not know is kept as it came and counts as not terminal.
package struct RevisionStatus: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let creating = RevisionStatus(rawValue: "CREATING")
    package static let queued = RevisionStatus(rawValue: "QUEUED")
    package static let awaitingBuild = RevisionStatus(rawValue: "AWAITING_BUILD")
    package static let building = RevisionStatus(rawValue: "BUILDING")
    package static let awaitingDeploy = RevisionStatus(rawValue: "AWAITING_DEPLOY")
    package static let deploying = RevisionStatus(rawValue: "DEPLOYING")
    package static let createFailed = RevisionStatus(rawValue: "CREATE_FAILED")
    package static let buildFailed = RevisionStatus(rawValue: "BUILD_FAILED")
    package static let deployFailed = RevisionStatus(rawValue: "DEPLOY_FAILED")
    package static let deployed = RevisionStatus(rawValue: "DEPLOYED")
    package static let skipped = RevisionStatus(rawValue: "SKIPPED")
    package static let interrupted = RevisionStatus(rawValue: "INTERRUPTED")
    package static let unknown = RevisionStatus(rawValue: "UNKNOWN")

    package static let known: [RevisionStatus] = [
        .creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying, .createFailed, .buildFailed,
        .deployFailed, .deployed, .skipped, .interrupted, .unknown,
    ]

    package var isFailure: Bool {
        self == .createFailed || self == .buildFailed || self == .deployFailed
    }

    /// INTERRUPTED and UNKNOWN are not: the plane may still move on from both.
    package var isTerminal: Bool {
        isFailure || self == .deployed || self == .skipped
    }

    /// Queued, building or deploying: the revision holds or awaits the deployment's one slot.
    package var isUnderWay: Bool {
        switch self {
        case .creating, .queued, .awaitingBuild, .building, .awaitingDeploy, .deploying: true
        default: false
        }
    }
}
