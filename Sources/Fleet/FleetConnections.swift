/// Which control planes and keys a fleet, or a part of it, needs.
extension Fleet {
    /// The part of it that a command about these waves reads: their targets, and those of other waves that a discovery of
    /// theirs could find too. So a command needs the keys of its own waves only.
    ///
    /// Throws `FleetProblem` for waves that it does not have.
    package func reading(_ selection: FleetSelection) throws(FleetProblem) -> Fleet {
        let chosen = try selection.indices(of: waves.map(\.name))
        func isChosen(_ settings: FleetSettings) -> Bool {
            waves.firstIndex { $0.matches(settings.labels) }.map(chosen.contains) ?? false
        }
        var part = self
        let named = targets.filter { selection.targets.contains($0.name) }
        if !selection.targets.isEmpty, named.count == Set(selection.targets).count {
            (part.targets, part.discoveries) = (named.filter { isChosen($0.settings) }, [])
            return part
        }
        part.discoveries = discoveries.filter { isChosen($0.settings) }
        let searched = Set(part.discoveries.map { FleetCheck.normalized($0.settings.connection.controlPlane ?? "") })
        part.targets = targets.filter { target in
            isChosen(target.settings)
                || searched.contains(FleetCheck.normalized(target.settings.connection.controlPlane ?? ""))
        }
        return part
    }

    package var connections: [FleetConnection] {
        targets.map(\.settings.connection) + discoveries.map(\.settings.connection)
    }

    /// Whether any of its targets uses the control plane or the key of the run.
    package var needsConnectionOfRun: Bool { connections.contains { !$0.isComplete } }

    /// The environment variables with keys that it names.
    package var keyVariables: Set<String> { Set(connections.compactMap(\.keyVariable)) }
}
