import ArgumentParser
import Engine

/// SIGINT and SIGTERM between the start of a command and that of its run: a pipeline that is cancelled then finds its
/// reports all the same.
enum EarlySignals {
    /// Those whose runs have reports; others end at once, as the system does it.
    private static let commands: [any ReportingCommand.Type] = [
        DeployCommand.self, RollbackCommand.self, RunCommand.self, ResumeCommand.self,
    ]

    /// Before anything else: what comes from now on waits until it is known which reports are asked for.
    static func begin(for arguments: some Collection<String>) {
        guard let command = arguments.first, commands.contains(where: { $0.configuration.commandName == command }) else { return }
        SignalHandler.begin()
    }

    /// Until the run begins, a signal ends the process at once, after the reports. Nothing has been changed by then.
    static func leave(_ command: any ParsableCommand) {
        guard let interrupted = RefusedRun(stoppedBy: .interrupt, command, .real),
            let terminated = RefusedRun(stoppedBy: .terminate, command, .real)
        else { return }
        SignalQueue.ofProcess.listen { reason in
            let refused = reason == .interrupt ? interrupted : terminated
            refused.write()
            _ = CommandFailure.report(refused.failure)
            StartedPlane.end()
            ProgramFrame.end(reason.verdict.exitCode)
        }
    }
}
