import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Runs programs as children of this process.
package struct SubprocessRunner: ProcessRunning {
    private let grace: Duration
    private let groups: ProcessGroups

    /// - Parameter grace: between SIGTERM and SIGKILL. The steps that clean up after the order to stop have five
    /// seconds more, and GitHub kills everything ten seconds after it.
    /// - Parameter groups: has the programs while they run.
    package init(grace: Duration = .seconds(3), groups: ProcessGroups = ProcessGroups()) {
        self.grace = grace
        self.groups = groups
    }

    package func run(_ command: ProcessCommand, output: ([UInt8]) -> Void) async throws -> ProcessEnding {
        try Task.checkCancellation()
        var group: pid_t?
        // The program may be over while others of its group still run. The id is free for others only after the last
        // of them is gone.
        defer { if let group { groups.end(group) } }
        do {
            let result = try await Subprocess.run(
                configuration(command), input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let leader = execution.processIdentifier.value
                groups.insert(leader)
                group = leader
                // It ends with the program, even when a child that is left holds the pipe open.
                for try await chunk in execution.standardOutput { output(chunk.withUnsafeBytes { Array($0) }) }
            }
            try Task.checkCancellation()
            return Self.ending(result.terminationStatus)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw Self.failure(error, of: command)
        }
    }

    private func configuration(_ command: ProcessCommand) -> Configuration {
        var variables: [Environment.Key: String] = [:]
        for (name, value) in command.environment { variables[Environment.Key(stringLiteral: name)] = value }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)
        ]
        return Configuration(
            executable: command.program.contains("/") ? .path(FilePath(command.program)) : .name(command.program),
            arguments: Arguments(command.arguments), environment: .custom(variables),
            workingDirectory: command.workingDirectory.map { FilePath($0) }, platformOptions: options)
    }

    private static func ending(_ status: TerminationStatus) -> ProcessEnding {
        switch status {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signalled(signal)
        }
    }

    private static func failure(_ error: SubprocessError, of command: ProcessCommand) -> ProcessFailure {
        switch error.code {
        case .executableNotFound: ProgramSearch(command: command).failure
        case .failedToChangeWorkingDirectory: .workingDirectoryMissing
        default: .other("\(error)")
        }
    }
}

/// The process groups of the programs that run now, so that none outlives a process that leaves at once.
package final class ProcessGroups: Sendable {
    private let running = Mutex<Set<pid_t>>([])

    package init() {}

    func insert(_ group: pid_t) {
        running.withLock { _ = $0.insert(group) }
    }

    /// Kills what is left of the group.
    func end(_ group: pid_t) {
        running.withLock { groups in
            groups.remove(group)
            kill(-group, SIGKILL)
        }
    }

    /// Kills all that run now.
    package func endAll() {
        running.withLock { groups in
            for group in groups { kill(-group, SIGKILL) }
            groups.removeAll()
        }
    }
}
