/// An agent that runs on this machine, started by this plane or by the one before it.
package struct AgentProcess: Sendable, Equatable {
    let session: ProcessSession
    /// On loopback.
    package let port: Int

    package var pid: Int32 { session.id }

    /// Field 22 of `/proc/PID/stat`: with the pid it names one process for as long as the machine is up.
    package var startTime: UInt64 { session.startTime }

    package var isAlive: Bool { session.leaderIsRunning }

    /// The process that an earlier plane recorded; nil when it is gone, also when its pid is another's now.
    package static func adopt(pid: Int32, startTime: UInt64, port: Int) -> AgentProcess? {
        let session = ProcessSession(id: pid, startTime: startTime)
        return session.leaderIsRunning ? AgentProcess(session: session, port: port) : nil
    }

    /// SIGTERM to everything the agent started, SIGKILL after `grace`; returns when it is gone, even if the task is
    /// cancelled meanwhile. To be called for a crashed agent too: it may have left workers behind.
    package func stop(grace: Duration) async {
        await session.end(grace: grace)
    }

    /// Ends at once what is left of a recorded process, whether or not its leader still runs.
    package static func killGroup(pid: Int32, startTime: UInt64) async {
        await ProcessSession(id: pid, startTime: startTime).end(grace: .zero)
    }
}
