import Clocks
package import Fleet
import WorkflowModel

/// A fleet as jobs of an engine: waves in order, each of shards that run beside each other.
package struct ExportPlan: Sendable {
    package struct Wave: Sendable, Equatable {
        /// From 1.
        package var number: Int
        package var name: String
        /// With those that discoveries are expected to find.
        package var targets: Int
        package var shards: Int
        /// The environment variables with the keys of its control planes, sorted.
        package var keyVariables: [String]
        /// Whether it uses the control plane and the key of the run.
        package var usesConnectionOfRun: Bool
        /// The environment of its jobs; nil for none.
        package var environment: String?
        package var waitsForApproval: Bool
        package var bake: Duration
        /// What one of its jobs can take at most.
        package var duration: Duration

        package var id: String { "wave-\(number)" }
        package var shardNames: [String] { (1...max(shards, 1)).map { "\($0)/\(max(shards, 1))" } }
    }

    package let request: ExportRequest
    /// The fleet's name.
    package let name: String
    /// The name as part of names in the engine.
    package let slug: String
    package let waves: [Wave]

    /// Throws `ExportProblem` for a request that does not fit the fleet.
    package init(_ fleet: Fleet, _ request: ExportRequest) throws(ExportProblem) {
        self.request = request
        name = fleet.name
        slug = ExportNames.slug(fleet.name)
        try Self.check(request, fleet)
        let names = fleet.waves.map(\.name)
        let approved = Set(request.approvals.compactMap { FleetSelection.index(of: $0, in: names) })
        var waves: [Wave] = []
        for (index, wave) in fleet.waves.enumerated() {
            waves.append(try Self.wave(wave, index, of: fleet, request, waitsForApproval: approved.contains(index)))
        }
        self.waves = waves
    }

    /// The first line of every file.
    var firstLine: String {
        "\(ExportedFile.marker) --to \(request.engine.rawValue) from \(ExportNames.title(request.file)): "
            + "change that file, and export it again"
    }

    /// All jobs that deploy.
    var shardCount: Int { waves.reduce(0) { $0 + $1.shards } }

    private static func check(_ request: ExportRequest, _ fleet: Fleet) throws(ExportProblem) {
        let names = fleet.waves.map(\.name)
        if let unknown = request.approvals.first(where: { FleetSelection.index(of: $0, in: names) == nil }) {
            throw ExportProblem(
                "--approve: unknown wave: \(unknown)",
                hint: "use a number from 1 to \(names.count), or one of: \(names.joined(separator: ", "))")
        }
        guard let pattern = request.environment else { return }
        let rest = pattern.replacing("{wave}", with: "").replacing("{fleet}", with: "")
        let isValid = rest.utf8.allSatisfy { ExportNames.isWord($0) || " ./-".utf8.contains($0) }
        guard isValid, !pattern.isEmpty else {
            throw ExportProblem(
                "--environment: invalid name '\(pattern)'",
                hint: "use letters, digits, spaces and ./_-, with {wave} and {fleet} for the names of both")
        }
    }

    private static func wave(
        _ wave: FleetWave, _ index: Int, of fleet: Fleet, _ request: ExportRequest, waitsForApproval: Bool
    ) throws(ExportProblem) -> Wave {
        func isOwn(_ settings: FleetSettings) -> Bool {
            fleet.waves.firstIndex { $0.matches(settings.labels) } == index
        }
        let settings = fleet.targets.map(\.settings).filter(isOwn)
        let discoveries = fleet.discoveries.map(\.settings).filter(isOwn)
        let count = settings.count + discoveries.count * request.discovered
        let read: Fleet
        do throws(FleetProblem) {
            read = try fleet.reading(FleetSelection(waves: [wave.name]))
        } catch {
            throw ExportProblem(error.messages.joined(separator: "; "), hint: error.hint)
        }
        let wanted = max(count - 1, 0) / max(request.targetsPerShard, 1) + 1
        let shards = wave.shards(of: count, wanted: wanted)
        let largest = max(count - 1, 0) / shards + 1
        guard largest <= Matrix.maximumRows else {
            throw ExportProblem(
                "a job of wave '\(wave.name)' has \(largest) targets: at most \(Matrix.maximumRows) are one job",
                hint: wave.onFailure == .rollbackWave
                    ? "divide the wave: what is rolled back together is one job"
                    : "raise its max-parallel or max-failures")
        }
        return Wave(
            number: index + 1, name: wave.name, targets: count, shards: shards,
            keyVariables: read.keyVariables.sorted(), usesConnectionOfRun: read.needsConnectionOfRun,
            environment: request.environmentName(
                fleet: ExportNames.slug(fleet.name), wave: wave.name, waitsForApproval: waitsForApproval),
            waitsForApproval: waitsForApproval, bake: wave.bake.flatMap { Duration(text: $0) } ?? .zero,
            duration: wave.duration(of: settings + discoveries, count: count, shards: shards))
    }
}

extension ExportRequest {
    /// GitHub asks for approvals by environment, so a wave that waits for one has an environment there.
    fileprivate func environmentName(fleet: String, wave: String, waitsForApproval: Bool) -> String? {
        let needsOne = engine == .github && waitsForApproval
        guard let pattern = environment ?? (needsOne ? "{fleet}-{wave}" : nil) else { return nil }
        return pattern.replacing("{fleet}", with: fleet).replacing("{wave}", with: wave)
    }
}

extension FleetWave {
    /// Every target of a shard in its turn, up to its timeout; then the bake, and half an hour for the rest.
    fileprivate func duration(of settings: [FleetSettings], count: Int, shards: Int) -> Duration {
        let limits = settings.compactMap { $0.inputs["timeout"]?.string.flatMap { Duration(text: $0) } }
        let longest = max(limits.max() ?? .zero, limits.count < settings.count ? .seconds(1800) : .zero)
        let slots = max(parallel(of: count) / shards, 1)
        let turns = (count + shards * slots - 1) / (shards * slots)
        let bake = bake.flatMap { Duration(text: $0) } ?? .zero
        return longest * max(turns, 1) + bake + .seconds(1800)
    }
}
