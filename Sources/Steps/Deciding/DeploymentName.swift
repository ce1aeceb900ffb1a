import Engine

/// What the service takes as the name of a new deployment.
enum DeploymentName {
    /// Throws `StepFailure` (usage) for a name that the service would refuse.
    static func check(_ name: String) throws {
        let allowed = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        guard allowed, name.first?.isLetter == true else {
            throw StepFailure(
                .usage, code: "InvalidDeploymentName", "'\(name)' cannot be the name of a new deployment",
                hint: "use lower-case letters, digits and hyphens in --deployment, a letter first")
        }
    }
}
