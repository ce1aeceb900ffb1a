package import ControlPlaneTypes

// Tests name deployments and revisions in literals; the product never does.

extension DeploymentID: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension RevisionID: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}
