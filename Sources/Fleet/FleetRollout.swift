package import WorkflowModel

/// A fleet with everything that is known when a command starts: which deployments its targets are, in which wave, and
/// what each of them serves. A run keeps it beside its journal.
package struct FleetRollout: Codable, Sendable {
    package struct Target: Codable, Sendable {
        package var name: String
        /// The deployment's name; nil if only its id is known.
        package var deployment: String?
        /// Nil for a deployment that does not exist yet.
        package var deploymentID: String?
        package var connection: FleetConnection
        /// Inputs of the step type `deploy`.
        package var inputs: [String: Value]
        /// The revision that is live when the command starts.
        package var activeRevisionID: String?
        /// The newest revision when the command starts.
        package var latestRevisionID: String?

        package init(name: String, deployment: String?, deploymentID: String?, settings: FleetSettings) {
            self.name = name
            self.deployment = deployment
            self.deploymentID = deploymentID
            connection = settings.connection
            inputs = settings.inputs
        }
    }

    package struct Wave: Codable, Sendable {
        package var name: String
        package var maxParallel: Int
        package var maxFailures: FailureTolerance
        package var isStrict: Bool
        package var bake: String?
        package var onFailure: FleetWave.OnFailure
        package var targets: [Target]

        fileprivate init(_ wave: FleetWave, _ targets: [Target]) {
            name = wave.name
            maxParallel = wave.maxParallel
            maxFailures = wave.maxFailures
            isStrict = wave.isStrict
            bake = wave.bake
            onFailure = wave.onFailure
            self.targets = targets
        }

        /// How many targets are deployed at a time at most.
        package var parallel: Int { limits.parallel(of: targets.count) }

        private var limits: WaveLimits {
            WaveLimits(
                maxParallel: maxParallel, maxFailures: maxFailures, isStrict: isStrict,
                isWhole: onFailure == .rollbackWave)
        }

        /// Every `count`-th of its targets, with its share of the limits.
        fileprivate func part(_ shard: FleetSelection.Shard) -> Wave {
            var shard = shard
            if shard.keepsLimits == true { shard.count = limits.shards(of: targets.count, wanted: shard.count) }
            let share = limits.share(of: shard, count: targets.count)
            var part = self
            (part.maxParallel, part.maxFailures) = (share.maxParallel, share.maxFailures)
            part.targets = targets.enumerated().filter { $0.offset % shard.count == shard.index - 1 }.map(\.element)
            return part
        }
    }

    package var name: String
    /// The absolute path of targets.yml; nil for standard input.
    package var file: String?
    package var selection = FleetSelection()
    package var waves: [Wave]
    /// Whether the workflow ends with a job that starts when the wave after these ones would.
    package var hasGate: Bool?

    package var targets: [Target] { waves.flatMap(\.targets) }
}

/// A target of a file, or a deployment that was discovered for it.
package struct FleetMember: Sendable {
    package var target: FleetRollout.Target
    package var labels: [String: String]
    /// The key of its control plane and workspace, to compare ids.
    package var plane: String
    package var isDiscovered: Bool

    package init(target: FleetRollout.Target, labels: [String: String], plane: String, isDiscovered: Bool) {
        self.target = target
        self.labels = labels
        self.plane = plane
        self.isDiscovered = isDiscovered
    }
}

extension Fleet {
    /// The waves with their targets.
    ///
    /// Throws `FleetProblem` for a deployment that is there twice, for a wave without targets and for a selection that
    /// matches nothing.
    package func rollout(
        of members: [FleetMember], _ selection: FleetSelection = FleetSelection()
    ) throws(FleetProblem) -> FleetRollout {
        let members = try distinct(members)
        var waves: [FleetRollout.Wave] = []
        var empty: [String] = []
        let chosen = try selection.indices(of: self.waves.map(\.name))
        for (index, wave) in self.waves.enumerated() {
            let own = members.filter { member in self.waves.firstIndex { $0.matches(member.labels) } == index }
            if own.isEmpty, chosen.contains(index) { empty.append("wave '\(wave.name)' matches no target") }
            waves.append(FleetRollout.Wave(wave, own.map(\.target)))
        }
        guard empty.isEmpty || !selection.targets.isEmpty else {
            throw FleetProblem(
                empty, hint: "no deployment was discovered for it: check 'name-contains', or remove the wave")
        }
        return try FleetRollout(name: name, waves: waves).selecting(selection)
    }

    /// A target of the file stands for the deployment that is also discovered; everything else that is there twice is a
    /// problem.
    private func distinct(_ members: [FleetMember]) throws(FleetProblem) -> [FleetMember] {
        var kept: [FleetMember] = []
        var places: [String: FleetMember] = [:]
        var names: [String: FleetMember] = [:]
        var problems: [String] = []
        for member in members.filter({ !$0.isDiscovered }) + members.filter(\.isDiscovered) {
            // An id is that of one deployment, whatever the control plane is called.
            let place =
                member.target.deploymentID?.lowercased()
                ?? "\(member.plane) name \(member.target.deployment ?? "")"
            if let first = places[place] {
                if member.isDiscovered { continue }
                problems.append(
                    "targets '\(first.target.name)' and '\(member.target.name)' are one deployment: "
                        + (member.target.deploymentID ?? member.target.deployment ?? ""))
                continue
            }
            if names[member.target.name] != nil {
                problems.append("two deployments are named '\(member.target.name)' on different control planes")
                continue
            }
            (places[place], names[member.target.name]) = (member, member)
            kept.append(member)
        }
        guard problems.isEmpty else {
            throw FleetProblem(problems, hint: "name each deployment once, and give targets different names")
        }
        return kept
    }
}

extension FleetRollout {
    /// The part of it that is selected.
    ///
    /// Throws `FleetProblem` for names of waves and targets that it does not have.
    package func selecting(_ selection: FleetSelection) throws(FleetProblem) -> FleetRollout {
        let chosen = try selection.indices(of: self.waves.map(\.name))
        var waves = self.waves.enumerated().filter { chosen.contains($0.offset) }.map(\.element)
        if !selection.targets.isEmpty {
            let names = Set(waves.flatMap(\.targets).map(\.name))
            let unknown = selection.targets.filter { !names.contains($0) }
            guard unknown.isEmpty else {
                let word = unknown.first ?? ""
                throw FleetProblem(
                    unknown.map { "unknown target: \($0)" },
                    hint: Suggestion.hint(for: word, among: names.sorted()) ?? "check the names with slipway fleet plan"
                )
            }
            for index in waves.indices { waves[index].targets.removeAll { !selection.targets.contains($0.name) } }
        }
        if let shard = selection.shard {
            waves = waves.map { $0.part(shard) }
        }
        var selected = self
        (selected.selection, selected.waves) = (selection, waves.filter { !$0.targets.isEmpty })
        return selected
    }
}

extension [String] {
    /// Names of targets in a message: the first ones, and how many more there are.
    package func listed(upTo most: Int = 10) -> String {
        prefix(most).joined(separator: ", ") + (count > most ? " and \(count - most) more" : "")
    }
}
