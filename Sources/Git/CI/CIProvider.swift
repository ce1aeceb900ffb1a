/// The CI systems whose variables are understood.
package enum CIProvider: String, Equatable, Sendable, CaseIterable {
    case github
    case gitlab

    /// By the variable that each sets for itself.
    init?(environment: CIEnvironment) {
        if environment["GITHUB_ACTIONS"] == "true" {
            self = .github
        } else if environment["GITLAB_CI"] == "true" {
            self = .gitlab
        } else {
            return nil
        }
    }
}
