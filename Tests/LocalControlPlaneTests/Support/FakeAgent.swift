import ControlPlaneTypes
import Foundation

@testable import LocalControlPlane

/// An agent that lives until it is stopped or told to die.
struct FakeAgent: RunningAgent {
    let pid: Int32
    let revisionID: RevisionID
    let table: AgentTable

    var startTime: UInt64 { UInt64(pid) * 7 }
    var port: Int { 20_000 + Int(pid) }
    var isAlive: Bool { table.agent(pid) != nil }

    func isHealthy() async -> Bool { isAlive }
    func finishWork(atMost limit: Duration) async {}
    func stop(grace: Duration?) async { die() }
    func die() { table.ended(pid) }
}
