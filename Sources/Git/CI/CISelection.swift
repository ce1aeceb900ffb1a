/// The values of `--ci`.
package enum CISelection: String, Equatable, Sendable, CaseIterable {
    case auto
    case github
    case gitlab
    case none
}
