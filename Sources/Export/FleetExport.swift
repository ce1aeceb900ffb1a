package import Fleet
import WorkflowModel

/// Compiles a fleet to the files of an engine; no I/O.
package enum FleetExport {
    /// Throws `ExportProblem` for what the engine cannot hold.
    package static func files(_ fleet: Fleet, _ request: ExportRequest) throws(ExportProblem) -> [ExportedFile] {
        let plan = try ExportPlan(fleet, request)
        switch request.engine {
        case .github: return try GitHubExport(plan).files()
        case .gitlab: return try GitLabExport(plan).files()
        case .temporal: return try TemporalExport(plan).files()
        case .argo: return try ArgoExport(plan).files()
        }
    }
}

extension ExportPlan {
    func yaml(_ name: String, _ value: YAMLOutput) throws(ExportProblem) -> ExportedFile {
        do throws(YAMLWriterProblem) {
            return ExportedFile(name: name, text: "# \(firstLine)\n" + (try value.document()))
        } catch {
            throw ExportProblem("cannot write \(name): out of memory", hint: "free memory, and try again")
        }
    }

    /// The command of a shard as words; `shard` and `state` are what the engine puts in their place.
    func deployCommand(_ wave: Wave, shard: String, state: String) -> [String] {
        [
            "slipway", "fleet", "deploy", request.file, "--wave", wave.name, "--shard", shard, "--gate", "--state-dir",
            state,
        ]
    }

    /// The same as a line of a shell script, where shard and state are words of the shell already.
    func deployLine(_ wave: Wave, shard: String, state: String) -> String {
        let given = [shard, state]
        return "exec "
            + deployCommand(wave, shard: shard, state: state).map { word in
                given.contains(word) ? word : ExportNames.shellWord(word)
            }.joined(separator: " ")
    }
}

extension Array {
    /// Parts of at most `size` elements, in order.
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
