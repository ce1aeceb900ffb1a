import Redaction
import WorkflowModel

/// Checks what needs the whole file: names, waves and labels, and to which host each key goes.
struct FleetCheck {
    let fleet: Fleet
    private(set) var collector: DiagnosticCollector

    mutating func check() {
        checkNames()
        checkDeployments()
        checkDiscoveries()
        checkConnections()
        checkWaves()
        checkCoverage()
    }

    private mutating func checkNames() {
        var seen: [String: SourcePosition] = [:]
        for target in fleet.targets {
            if let first = seen[target.name] {
                collector.report(
                    .duplicateTarget, "duplicate target '\(target.name)', first in line \(first.line)",
                    at: target.position, hint: "remove one of them, or give it another 'name'")
            } else {
                seen[target.name] = target.position
            }
        }
        var waves: Set<String> = []
        for wave in fleet.waves where !waves.insert(wave.name).inserted {
            collector.report(.duplicateID, "duplicate wave '\(wave.name)'", at: wave.position)
        }
        checkJobs()
    }

    /// A wave is one job of the workflow or several, and the commit is read by another one.
    private mutating func checkJobs() {
        var owners = [FleetWorkflow.commit: "the job that reads the commit"]
        for wave in fleet.waves {
            for job in FleetWorkflow.jobs(of: wave.name).dropFirst() { owners[job] = "a job of wave '\(wave.name)'" }
        }
        for wave in fleet.waves {
            guard let owner = owners[wave.name] else { continue }
            collector.report(
                .duplicateID, "the wave '\(wave.name)' is named like \(owner)", at: wave.position,
                hint: "give it another name")
        }
    }

    /// One deployment twice under two names of targets. An id and a name can only be compared by the control plane.
    private mutating func checkDeployments() {
        struct Place: Hashable {
            var plane: String?
            var tenant: String?
            var deployment: String
        }
        var seen: [Place: FleetTarget] = [:]
        for target in fleet.targets {
            let connection = target.settings.connection
            let place = Place(
                plane: connection.controlPlane.map(Self.normalized), tenant: connection.tenantID?.lowercased(),
                deployment: target.deployment.map { "name \($0)" } ?? "id \(target.deploymentID?.lowercased() ?? "")")
            if let first = seen[place], first.name != target.name {
                collector.report(
                    .duplicateTarget,
                    "targets '\(first.name)' and '\(target.name)' are one deployment", at: target.position,
                    hint: "remove one of them")
            }
            seen[place] = seen[place] ?? target
        }
    }

    private mutating func checkDiscoveries() {
        var seen: Set<String> = []
        for discovery in fleet.discoveries {
            let connection = discovery.settings.connection
            let place = [
                connection.controlPlane.map(Self.normalized) ?? "", connection.tenantID ?? "", discovery.nameContains,
            ].joined(separator: " ")
            guard !seen.insert(place).inserted else { continue }
            collector.report(
                .duplicateTarget, "'\(discovery.nameContains)' is discovered twice", at: discovery.position,
                hint: "remove one of them")
        }
    }

    mutating func checkInputs(_ problems: ([String: Value]) -> [(message: String, hint: String?)]) {
        let all =
            fleet.targets.map { ("target '\($0.name)'", $0.settings, $0.position) }
            + fleet.discoveries.map { ("discovery '\($0.nameContains)'", $0.settings, $0.position) }
        // Most targets have the inputs of the defaults.
        var known: [[String: Value]: [(message: String, hint: String?)]] = [:]
        for (what, settings, position) in all {
            let found = known[settings.inputs] ?? problems(settings.inputs)
            known[settings.inputs] = found
            for problem in found {
                collector.report(.invalidValue, "\(what): \(problem.message)", at: position, hint: problem.hint)
            }
        }
    }

    static func normalized(_ url: String) -> String {
        let lower = url.lowercased()
        return lower.hasSuffix("/") ? String(lower.dropLast()) : lower
    }

    /// The part of an address that decides who gets the key.
    private static func host(_ url: String) -> String { Origin(ofURL: url)?.address ?? url }

    private mutating func checkConnections() {
        var hosts: [String: String] = [:]
        let all =
            fleet.targets.map { ($0.settings, $0.position) } + fleet.discoveries.map { ($0.settings, $0.position) }
        for (settings, position) in all {
            guard let variable = settings.connection.keyVariable else { continue }
            guard NameRules.isVariable(variable) else {
                collector.report(
                    .invalidValue, "invalid variable name '\(variable)' for 'key-env'", at: position,
                    hint:
                        "write the name of an environment variable, such as LANGSMITH_API_KEY_EU; never the key itself")
                continue
            }
            guard StepKeyVariable.isValid(variable) else {
                collector.report(
                    .invalidValue, "invalid variable '\(variable)' for 'key-env'", at: position,
                    hint: "put the key into a variable named like \(StepKeyVariable.form): "
                        + "other secrets are never sent to a control plane")
                continue
            }
            let host = settings.connection.controlPlane.map(Self.host) ?? "the control plane of the run"
            if let other = hosts[variable], other != host {
                collector.report(
                    .invalidValue, "'\(variable)' is used for two hosts: \(other) and \(host)", at: position,
                    hint: "give each host a variable of its own, so that no host gets the key of another one")
            }
            hosts[variable] = hosts[variable] ?? host
        }
    }
}

/// Waves and labels.
extension FleetCheck {
    private var allLabels: [[String: String]] {
        fleet.targets.map(\.settings.labels) + fleet.discoveries.map(\.settings.labels)
    }

    private mutating func checkWaves() {
        guard !allLabels.isEmpty else { return }
        let known = Set(allLabels.flatMap(\.keys))
        for (index, wave) in fleet.waves.enumerated() {
            let unknown = wave.match.keys.filter { !known.contains($0) }.sorted()
            for label in unknown {
                collector.report(
                    .unmatchedLabels, "unknown label '\(label)' in wave '\(wave.name)'", at: wave.position,
                    hint: Suggestion.hint(for: label, among: known.sorted()) ?? "no target has labels")
            }
            guard unknown.isEmpty, !allLabels.contains(where: { isFirstMatch(index, $0) }) else { continue }
            reportEmpty(wave)
        }
    }

    private func isFirstMatch(_ index: Int, _ labels: [String: String]) -> Bool {
        fleet.waves.firstIndex { $0.matches(labels) } == index
    }

    private mutating func reportEmpty(_ wave: FleetWave) {
        let matches = allLabels.contains { wave.matches($0) }
        var hint = "remove the wave, or give a target its labels"
        if let (label, value) = wave.match.first, wave.match.count == 1 {
            let values = Set(allLabels.compactMap { $0[label] }).sorted()
            hint = Suggestion.hint(for: value, among: values) ?? hint
        }
        collector.report(
            .unmatchedLabels,
            matches
                ? "wave '\(wave.name)' has no targets: earlier waves have all that it matches"
                : "wave '\(wave.name)' matches no target",
            at: wave.position, hint: matches ? "move it before them, or remove it" : hint)
    }

    private mutating func checkCoverage() {
        let uncovered =
            fleet.targets.map { ("target '\($0.name)'", $0.settings, $0.position) }
            + fleet.discoveries.map { ("discovery '\($0.nameContains)'", $0.settings, $0.position) }
        for (what, settings, position) in uncovered where !fleet.waves.contains(where: { $0.matches(settings.labels) })
        {
            collector.report(
                .unmatchedLabels, "\(what) is in no wave", at: position,
                hint: "give it the labels of a wave, or add a last wave without 'match'")
        }
    }
}
