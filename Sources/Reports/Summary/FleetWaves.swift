import Engine

/// Which jobs of a run are the targets of a fleet: of `slipway fleet`, and of each step `fleet`.
struct FleetWaves: Sendable, Equatable {
    /// A target, with the paths of its job and of its wave's.
    struct Row: Hashable {
        var wave: String
        var target: String
        var job: String
    }

    /// The paths of the jobs of waves, in the order of the fleet.
    private(set) var jobs: [String] = []
    private var known: Set<String> = []

    /// - Parameter path: of the step `fleet`; empty for the fleet that the run deploys.
    mutating func add(_ waves: [String], at path: [String] = []) {
        for wave in waves {
            let job = JobPath(path + [wave]).text
            if known.insert(job).inserted { jobs.append(job) }
        }
    }

    /// The target that a job deploys or belongs to; nil for one of no target.
    func row(of job: String) -> Row? {
        guard !jobs.isEmpty else { return nil }
        let ids = JobPath(text: job).ids
        for (index, id) in ids.enumerated() where id.hasSuffix(")") {
            guard let start = id.firstRange(of: " (") else { continue }
            let wave = JobPath(Self.firstGeneration(ids[..<index]) + [String(id[..<start.lowerBound])]).text
            guard known.contains(wave) else { continue }
            return Row(
                wave: wave, target: String(id[start.upperBound...].dropLast()),
                job: JobPath(Array(ids[...index])).text)
        }
        return nil
    }

    /// A step that is tried again has a path of its own: `deploy #2`.
    private static func firstGeneration(_ path: ArraySlice<String>) -> [String] {
        path.map { id in id.firstRange(of: " #").map { String(id[..<$0.lowerBound]) } ?? id }
    }
}
