/// Where the control plane takes a deployment's code from.
package struct DeploymentSource: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let github = DeploymentSource(rawValue: "github")
    package static let internalSource = DeploymentSource(rawValue: "internal_source")
    package static let internalDocker = DeploymentSource(rawValue: "internal_docker")
    package static let externalDocker = DeploymentSource(rawValue: "external_docker")
    package static let internalTemplate = DeploymentSource(rawValue: "internal_template")
}
