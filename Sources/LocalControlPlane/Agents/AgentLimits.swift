import Clocks
import Foundation
import Processes

/// The limits on agents, which the operator of a control plane sets.
struct AgentLimits: Sendable, Equatable {
    /// For agents whose configuration sets none, from the start of the process until they are healthy.
    var startTimeout: Duration?
    /// Of an agent's processes together; nil for no limit.
    var memory: MemorySize?

    static let startTimeoutVariable = "SLIPWAY_START_TIMEOUT"
    static let memoryVariable = "SLIPWAY_AGENT_MEMORY"

    func startTimeout(of manifest: AgentManifest) -> Duration {
        manifest.startTimeout ?? startTimeout ?? manifest.kind.startTimeout
    }

    /// Nil while the session uses no more memory than it may.
    func excess(of session: ProcessSession) -> String? {
        guard let memory else { return nil }
        let used = MemorySize(bytes: session.members.reduce(0) { $0 + MemorySize.used(by: $1) })
        return used.bytes > memory.bytes ? "uses \(used) of memory, more than the limit of \(memory)" : nil
    }
}

/// An amount of memory.
struct MemorySize: Sendable, Equatable, CustomStringConvertible {
    static let spellings = "512m, 2g or a number of bytes"
    private static let units = "kmgt"

    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    /// Reads sizes as `docker run --memory` does, in powers of 1,024; nil if it is not one.
    init?(text: String) {
        var digits = text.lowercased()
        for suffix in ["ib", "b"] where digits.hasSuffix(suffix) { digits.removeLast(suffix.count) }
        let unit = digits.last.flatMap { Self.units.firstIndex(of: $0) }
        if unit != nil { digits.removeLast() }
        let power = unit.map { Self.units.distance(from: Self.units.startIndex, to: $0) + 1 } ?? 0
        guard digits.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }), let number = Double(digits), number > 0,
            let bytes = Int(exactly: (number * pow(1024, Double(power))).rounded())
        else { return nil }
        self.bytes = bytes
    }

    var description: String {
        let (size, unit) = bytes < 1 << 30 ? (20, "MiB") : (30, "GiB")
        let number = Double(bytes) / Double(1 << size)
        return "\(number == number.rounded() ? String(Int(number)) : String(format: "%.1f", number)) \(unit)"
    }

    /// What a process uses: of shared pages its share; 0 when it has ended.
    static func used(by pid: Int32) -> Int {
        let lines = ProcFile.text("/proc/\(pid)/smaps_rollup")?.split(separator: "\n") ?? []
        let share = lines.first { $0.hasPrefix("Pss:") }?.split(separator: " ").dropFirst().first
        return share.flatMap { Int($0) }.map { $0 << 10 } ?? 0
    }
}

extension AgentManifest.Kind {
    fileprivate var startTimeout: Duration {
        switch self {
        case .command: .seconds(60)
        // Python compiles every module at the first start of a new environment.
        case .langgraph: .seconds(120)
        }
    }
}
