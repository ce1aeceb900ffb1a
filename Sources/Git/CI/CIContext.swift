/// What the CI system says about the commit it runs for.
package struct CIContext: Equatable, Sendable {
    /// Where `commit` and `reference` were read.
    package enum Origin: Equatable, Sendable {
        case eventFile
        case environment
    }

    /// `nil` outside CI.
    package var provider: CIProvider?
    /// The commit a person pushed; not one that the CI system made to try a merge.
    package var commit: CommitID?
    package var reference: GitReference?
    package var origin = Origin.environment
    /// The commit that the CI system made by merging a pull or merge request; no branch has it.
    package var syntheticMerge: CommitID?
    package var changeNumber: Int?
    /// What happened to the change, in GitHub's words: `opened`, `synchronize`, `closed`, …
    package var changeAction: String?
    /// Whether the change comes from a fork, whose runs get no secrets.
    package var isFromFork = false
    package var runURL: String?
    /// Set when the event file alone says which commit is meant, and cannot be read.
    package var unreadableEvent: GitError?
    /// What could not be read.
    package var warnings: [String] = []

    package static let none = CIContext()

    /// - Parameter readFile: gives the contents of the file at a path: the only thing read besides the variables.
    package static func detect(
        _ selection: CISelection = .auto, environment: [String: String], readFile: (String) throws -> [UInt8]
    ) -> CIContext {
        let variables = CIEnvironment(environment)
        let provider: CIProvider? =
            switch selection {
            case .auto: CIProvider(environment: variables)
            case .github: .github
            case .gitlab: .gitlab
            case .none: nil
            }
        return switch provider {
        case .github: github(variables, readFile: readFile)
        case .gitlab: gitlab(variables)
        case nil: .none
        }
    }
}
