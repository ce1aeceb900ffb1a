/// Which part of a fleet a command is about.
package struct FleetSelection: Codable, Sendable, Equatable {
    /// Every `count`-th target of each wave, from the `index`-th on; counts from 1.
    package struct Shard: Codable, Sendable, Equatable {
        package var index: Int
        package var count: Int

        /// `2/4`; nil for anything else.
        package init?(text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, (1...count) ~= index else {
                return nil
            }
            self.index = index
            self.count = count
        }
    }

    /// Names of targets; empty for all.
    package var targets: [String] = []
    /// Names or numbers of waves; empty for all.
    package var waves: [String] = []
    package var shard: Shard?

    package init(targets: [String] = [], waves: [String] = [], shard: Shard? = nil) {
        self.targets = targets
        self.waves = waves
        self.shard = shard
    }
}

/// Why a selection, or what the control plane has, does not fit the file.
package struct FleetProblem: Error, Sendable, Equatable {
    /// One for each problem.
    package var messages: [String]
    package var hint: String

    package init(_ messages: [String], hint: String) {
        self.messages = messages
        self.hint = hint
    }
}
