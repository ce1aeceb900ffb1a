/// The state of a deployment as a whole; says nothing about whether a revision is live.
package struct DeploymentStatus: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let awaitingDatabase = DeploymentStatus(rawValue: "AWAITING_DATABASE")
    package static let ready = DeploymentStatus(rawValue: "READY")
    package static let unused = DeploymentStatus(rawValue: "UNUSED")
    package static let awaitingDelete = DeploymentStatus(rawValue: "AWAITING_DELETE")
    package static let awaitingFinalDelete = DeploymentStatus(rawValue: "AWAITING_FINAL_DELETE")
    package static let unknown = DeploymentStatus(rawValue: "UNKNOWN")

    /// A deployment on its way out still answers reads and holds its name.
    package var isBeingDeleted: Bool {
        self == .awaitingDelete || self == .awaitingFinalDelete
    }
}
