package import WorkflowModel

/// Judges files of engines without the code that writes them: each checker returns what is wrong, in words.
package struct EngineGraph {
    /// What a fleet asks of the engine.
    package struct Wave: Sendable {
        package var name: String
        package var shards: Int
        /// Variables with keys that its jobs have, and no others.
        package var keys: Set<String>
        package var needsApproval: Bool
        package var environment: String?

        package init(
            _ name: String, shards: Int, keys: Set<String>, needsApproval: Bool = false, environment: String? = nil
        ) {
            self.name = name
            self.shards = shards
            self.keys = keys
            self.needsApproval = needsApproval
            self.environment = environment
        }
    }

    package let file: String
    package let waves: [Wave]
    var problems: [String] = []

    package init(file: String, waves: [Wave]) {
        self.file = file
        self.waves = waves
    }

    mutating func expect(_ condition: Bool, _ problem: @autoclosure () -> String) {
        if !condition { problems.append(problem()) }
    }

    mutating func expectSame<Element: Equatable>(_ found: Element?, _ wanted: Element?, _ what: String) {
        expect(found == wanted, "\(what): \(found.map { "\($0)" } ?? "nothing")")
    }

    /// Every shard of a wave once, and no other.
    mutating func checkShards(_ found: [String], of wave: Wave) {
        let wanted = (1...wave.shards).map { "\($0)/\(wave.shards)" }
        expect(found.sorted() == wanted.sorted(), "shards of \(wave.name): \(found)")
    }

    /// The words of a shard's command; `shard` and `state` are those of the engine.
    func deployWords(_ wave: Wave, shard: String, state: String) -> [String] {
        ["slipway", "fleet", "deploy", file, "--wave", wave.name, "--shard", shard, "--gate", "--state-dir", state]
    }

    /// Whether there is a way back from a name to itself.
    static func hasCycle(_ needs: [String: [String]]) -> Bool {
        var open = needs
        while let free = open.first(where: { $0.value.allSatisfy { open[$0] == nil } }) { open[free.key] = nil }
        return !open.isEmpty
    }
}

extension YAMLNode {
    var texts: [String]? { elements?.compactMap(\.text) }
    var keys: [String] { entries?.map(\.key) ?? [] }

    /// The texts of a mapping to texts.
    var table: [String: String] {
        Dictionary((entries ?? []).map { ($0.key, $0.value.text ?? "") }, uniquingKeysWith: { $1 })
    }

    package func at(_ path: String...) -> YAMLNode? { path.reduce(self as YAMLNode?) { $0?[$1] } }
}
