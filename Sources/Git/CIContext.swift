/// This is what the CI system says about the commit that a run is for.
package struct CIContext: Equatable, Sendable {
    /// Where `commit` and `reference` come from.
    package enum Origin: Equatable, Sendable {
        case eventFile
        case environment
    }

    /// `nil` outside CI.
    package var provider: CIProvider?
    /// The commit that was pushed; not a merge that the CI system made to test it.
    package var commit: CommitID?
    package var reference: GitReference?
    package var origin = Origin.environment
    /// The commit that the CI system made by merging a pull or merge request; it is on no branch.
    package var syntheticMerge: CommitID?
    package var changeNumber: Int?
    /// The GitHub action of the pull request: `opened`, `synchronize`, `closed`, …
    package var changeAction: String?
    /// Whether the change is from a fork, whose runs get no secrets.
    package var isFromFork = false
    package var runURL: String?
    /// The environment that the job deploys to, as GitLab names it; GitHub does not.
    package var environmentName: String?
    /// Set when only the event file names the commit, and it cannot be read.
    package var unreadableEvent: GitError?
    /// Messages about files that could not be read.
    package var warnings: [String] = []

    package static let none = CIContext()

    /// - Parameter readFile: returns the contents of the file at a path.
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

/// This is a supported CI system.
package enum CIProvider: String, Equatable, Sendable, CaseIterable {
    case github
    case gitlab

    /// Detects the CI system by the variable that it sets.
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

/// This is a value of `--ci`.
package enum CISelection: String, Equatable, Sendable, CaseIterable {
    case auto
    case github
    case gitlab
    case none
}

/// This holds environment variables and treats an empty value as unset.
struct CIEnvironment: Equatable, Sendable {
    private let variables: [String: String]

    init(_ variables: [String: String]) {
        self.variables = variables
    }

    subscript(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }
}
