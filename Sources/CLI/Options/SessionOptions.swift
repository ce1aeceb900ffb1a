import ArgumentParser
import Engine

/// The options of every command that runs a workflow.
struct SessionOptions: ParsableArguments {
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Locks") var locking: LockOptions
    @OptionGroup(title: "Reports") var reports: ReportOptions
    @OptionGroup(title: "Terminal") var terminal: TerminalOptions
    @OptionGroup(title: "Terminal") var progress: ProgressOptions

    func state(_ dependencies: Dependencies) -> StateFolder {
        StateFolder(flag: connection.stateDir, environment: dependencies.environment, lockTimeout: locking.duration)
    }

    /// Does `work` in a session on the control plane that is meant; throws the exit code of its verdict.
    func run(
        _ dependencies: Dependencies, isNeeded: Bool = true,
        repository: @Sendable () async -> String? = RepositoryRoot.find,
        _ work: @Sendable (RunSession) async throws -> Verdict
    ) async throws {
        try ReportPreflight.check(reports)
        let verdict = try await Connection.with(
            connection, dependencies, isNeeded: isNeeded, repository: repository
        ) { plane in
            try await work(
                RunSession(
                    dependencies: dependencies, state: state(dependencies), terminal: terminal, reports: reports,
                    connection: plane, showsLogs: progress.logs))
        }
        if verdict != .success { throw ExitCode(verdict.exitCode) }
    }
}
