import FoundationEssentials

/// A worker and a client for Temporal, in Python, with the fleet as data beside them.
struct TemporalExport {
    /// Events of an execution, and how many a shard costs at most: scheduled, started, ended, and the decisions about it.
    static let eventLimit = 51_200
    static let eventsPerShard = 8
    /// Activities that are pending at a time; Temporal allows 2,000.
    static let pendingLimit = 500

    private let plan: ExportPlan

    init(_ plan: ExportPlan) { self.plan = plan }

    func files() throws(ExportProblem) -> [ExportedFile] {
        guard plan.shardCount * Self.eventsPerShard <= Self.eventLimit else {
            throw .tooMany(
                "the fleet has \(plan.shardCount) shards of up to \(Self.eventsPerShard) events", of: .temporal,
                limit: Self.eventLimit, "events of an execution", hint: "raise --targets-per-shard")
        }
        return [
            ExportedFile(name: "fleet.json", text: try data()),
            python("worker.py", PackageResources.worker_py), python("start.py", PackageResources.start_py),
            ExportedFile(name: "requirements.txt", text: "# \(plan.firstLine)\ntemporalio>=1.20,<2\n"),
        ]
    }

    private func python(_ name: String, _ source: [UInt8]) -> ExportedFile {
        ExportedFile(name: name, text: "# \(plan.firstLine)\n" + String(decoding: source, as: UTF8.self))
    }

    private struct Document: Encodable {
        struct Wave: Encodable {
            var name: String
            var shards: Int
            var queue: String
            var keys: [String]
            var approval: Bool
            var timeout: Int
        }

        /// Sorted before all others.
        enum CodingKeys: String, CodingKey {
            case made = "$comment"
            case file, folder, queue, pending, waves
        }

        var made: String
        var file: String
        var folder: String
        var queue: String
        var pending: Int
        var waves: [Wave]
    }

    private func data() throws(ExportProblem) -> String {
        let queue = "slipway-fleet-\(plan.slug)"
        let waves = plan.waves.map { wave in
            // Whoever takes a job of this queue has these keys.
            let keys = (wave.usesConnectionOfRun ? ["LANGSMITH_API_KEY"] : []) + wave.keyVariables
            return Document.Wave(
                name: wave.name, shards: wave.shards, queue: ([queue] + keys).joined(separator: "+"), keys: keys,
                approval: wave.waitsForApproval, timeout: Int(wave.duration.components.seconds))
        }
        let document = Document(
            made: plan.firstLine, file: plan.request.file, folder: plan.request.directory, queue: queue,
            pending: Self.pendingLimit, waves: waves)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
        } catch {
            throw ExportProblem("cannot write fleet.json: \(error)", hint: "report this as a bug")
        }
    }
}
