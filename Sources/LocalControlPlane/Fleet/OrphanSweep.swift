import Foundation

/// Finds processes by a mark in their environment: what a killed control plane had started but not yet recorded.
struct OrphanSweep: Sendable {
    static let variable = "SLIPWAY_PLANE_ID"

    let marker: String

    /// Ends every session that carries the mark, but for those led by the given processes.
    func run(keeping leaders: Set<Int32>) async {
        let sessions = Set(ProcessStat.all().filter { isMarked($0.pid) }.map(\.session))
        for session in sessions.subtracting(leaders) where session != getsid(0) {
            guard let leader = ProcessStat(of: session) else {
                endMembers(of: session)
                continue
            }
            await AgentProcess.killGroup(pid: session, startTime: leader.startTime)
        }
    }

    /// The leader is gone and cannot be named by its start time any more.
    private func endMembers(of session: Int32) {
        for process in ProcessStat.all() where process.session == session && isMarked(process.pid) {
            // Gone meanwhile is as good.
            _ = kill(process.pid, SIGKILL)
        }
    }

    private func isMarked(_ pid: Int32) -> Bool {
        let wanted = Data("\(Self.variable)=\(marker)".utf8)
        // Unreadable means somebody else's.
        guard let environment = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/environ")) else { return false }
        return environment.split(separator: 0).contains { $0 == wanted }
    }
}
