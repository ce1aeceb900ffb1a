/// The environment of a `git` child: what the user set to find and trust repositories, and nothing that could make
/// git do more than read.
struct GitEnvironment: Equatable, Sendable {
    /// `GIT_` variables that say which repository is meant or which configuration holds. All others are dropped:
    /// they are meant for the git command that started us (a hook's index, for one), or run programs.
    private static let kept: Set<String> = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT",
    ]
    private static let keptPrefixes = ["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"]

    /// The network is closed to the child: a partial clone would fetch what it lacks in the middle of a read, and
    /// versions before 2.44 do not know GIT_NO_LAZY_FETCH. No transport is called "none".
    private static let fixed = [
        "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
    ]

    let variables: [String: String]

    init(inheriting environment: [String: String]) {
        let inherited = environment.filter { name, _ in
            !name.hasPrefix("GIT_") || Self.kept.contains(name)
                || Self.keptPrefixes.contains(where: name.hasPrefix)
        }
        variables = inherited.merging(Self.fixed) { _, ours in ours }
    }

    private init(variables: [String: String]) {
        self.variables = variables
    }

    func adding(_ extra: [String: String]) -> GitEnvironment {
        GitEnvironment(variables: variables.merging(extra) { _, new in new })
    }
}
