import Clocks
import WorkflowModel

/// Builds the fleet from a tree. Values with a wrong structure were already reported, and are left out.
struct FleetBuilder {
    private(set) var collector: DiagnosticCollector
    private var defaults = FleetSettings()

    init(_ collector: DiagnosticCollector) { self.collector = collector }

    mutating func fleet(_ root: YAMLNode) -> Fleet {
        var fleet = Fleet(name: root["name"]?.text ?? "")
        defaults = settings(root["defaults"])
        for node in root["targets"]?.elements ?? [] where node.entries != nil { add(node, to: &fleet) }
        for (index, node) in (root["waves"]?.elements ?? []).enumerated() where node.entries != nil {
            fleet.waves.append(wave(node, index))
        }
        if root["waves"] == nil { fleet.waves = [onlyWave(root)] }
        return fleet
    }

    /// The first target is deployed alone, and the others follow one by one.
    private func onlyWave(_ root: YAMLNode) -> FleetWave {
        var wave = FleetWave(name: "wave-1", position: collector.source.position(root.mark))
        wave.maxParallel = 1
        return wave
    }

    private mutating func add(_ node: YAMLNode, to fleet: inout Fleet) {
        let position = collector.source.position(node.mark)
        let keys = ["deployment", "deployment-id", "discover"].filter { node[$0] != nil }
        guard keys.count == 1 else {
            collector.report(
                .usesOrRun,
                keys.isEmpty
                    ? "the target names no deployment" : "the target has several of \(keys.joined(separator: ", "))",
                at: position, hint: "write one of: deployment, deployment-id, discover")
            return
        }
        var settings = settings(node, over: defaults)
        if let discover = node["discover"] {
            guard let part = discover["name-contains"]?.text, !part.isEmpty else { return }
            settings.labels.merge(labels(discover["labels"])) { $1 }
            if let name = node["name"] {
                collector.report(
                    .invalidValue, "'name' does not apply to 'discover'", at: name.mark,
                    hint: "a discovered target has the name of its deployment")
            }
            fleet.discoveries.append(.init(nameContains: part, settings: settings, position: position))
            return
        }
        let (name, id) = (node["deployment"]?.text, node["deployment-id"]?.text)
        guard let shown = node["name"]?.text ?? name ?? id, !shown.isEmpty else { return }
        fleet.targets.append(
            FleetTarget(name: shown, deployment: name, deploymentID: id, settings: settings, position: position))
    }

    private func settings(_ node: YAMLNode?, over base: FleetSettings = FleetSettings()) -> FleetSettings {
        var settings = base
        for entry in node?.entries ?? [] {
            switch entry.key {
            case "control-plane": settings.connection.controlPlane = entry.value.text
            case "tenant-id": settings.connection.tenantID = entry.value.text
            case "key-env": settings.connection.keyVariable = entry.value.text
            case "labels": settings.labels.merge(labels(entry.value)) { $1 }
            default:
                guard let input = FleetKeys.input(of: entry.key) else { continue }
                settings.inputs[input] = value(entry.value)
            }
        }
        return settings
    }

    private func labels(_ node: YAMLNode?) -> [String: String] {
        var labels: [String: String] = [:]
        for entry in node?.entries ?? [] { labels[entry.key] = entry.value.text }
        return labels
    }

    /// As an input of a workflow has it: a list is a text with a line for each element.
    private func value(_ node: YAMLNode) -> Value {
        if let flag = node.coreBoolean { return .bool(flag) }
        if let elements = node.elements { return .string(elements.compactMap(\.text).joined(separator: "\n")) }
        return .string(node.text ?? "")
    }

    private func wave(_ node: YAMLNode, _ index: Int) -> FleetWave {
        var wave = FleetWave(
            name: node["name"]?.text ?? "wave-\(index + 1)", position: collector.source.position(node.mark))
        wave.match = labels(node["match"])
        wave.maxFailures = node["max-failures"]?.text.flatMap(FailureTolerance.init) ?? .zero
        wave.maxParallel =
            node["max-parallel"]?.coreNumber.flatMap { Int(exactly: $0) } ?? FleetWave.defaultParallel
        wave.isStrict = node["strict"]?.coreBoolean ?? true
        if let bake = node["bake"]?.text, let duration = Duration(text: bake), duration > .zero { wave.bake = bake }
        wave.onFailure = node["on-failure"]?.text.flatMap(FleetWave.OnFailure.init) ?? .stop
        return wave
    }
}
