/// Which part of a fleet a command is about.
package struct FleetSelection: Codable, Sendable, Equatable {
    /// Every `count`-th target of each wave, from the `index`-th on; counts from 1.
    package struct Shard: Codable, Sendable, Equatable {
        package var index: Int
        package var count: Int
        /// Whether shards that would break the limits of their wave get no targets.
        package var keepsLimits: Bool?

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

    /// The indices of the selected waves.
    ///
    /// Throws `FleetProblem` for names and numbers that there are not.
    package func indices(of names: [String]) throws(FleetProblem) -> Set<Int> {
        guard !waves.isEmpty else { return Set(names.indices) }
        let unknown = waves.filter { Self.index(of: $0, in: names) == nil }
        guard unknown.isEmpty else {
            throw FleetProblem(
                unknown.map { "unknown wave: \($0)" },
                hint: "use a number from 1 to \(names.count), or one of: \(names.joined(separator: ", "))")
        }
        return Set(waves.compactMap { Self.index(of: $0, in: names) })
    }

    /// A name begins with a letter, so it is no number.
    package static func index(of wave: String, in names: [String]) -> Int? {
        names.firstIndex(of: wave) ?? names.indices.first { String($0 + 1) == wave }
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
