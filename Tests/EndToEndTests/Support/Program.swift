import Foundation
import Subprocess
import SystemPackage

/// Runs a program in a given environment and folder.
struct Program: Sendable {
    var environment: [String: String]
    var folder: String

    /// Reads all the program prints; `during` may read along and send signals.
    func run(
        _ path: String, _ arguments: [String], during: (Running) async throws -> Void = { _ in }
    ) async throws -> Finished {
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        let ending = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(variables),
            workingDirectory: FilePath(folder), input: .none, output: .sequence, error: .string(limit: 1 << 22)
        ) { execution in
            let running = Running(execution.processIdentifier.value, execution.standardOutput.strings())
            try await during(running)
            try await running.readToEnd()
            return running.lines
        }
        let code: Int32 =
            switch ending.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): -signal
            }
        return Finished(code: code, output: ending.closureResult, errors: ending.standardError)
    }
}

/// How a program ended; a negative code is the signal that ended it.
struct Finished: Sendable {
    var code: Int32
    var output: [String]
    var errors: String
}

/// A program that has not ended yet.
final class Running {
    let pid: Int32
    private(set) var lines: [String] = []
    private var iterator: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator

    init(_ pid: Int32, _ output: SubprocessOutputSequence.StringSequence<UTF8>) {
        self.pid = pid
        iterator = output.makeAsyncIterator()
    }

    /// Reads up to the first line that `matches`.
    ///
    /// Throws when the output ends before.
    @discardableResult
    func line(_ matches: (String) -> Bool) async throws -> String {
        while let line = try await next() {
            if matches(line) { return line }
        }
        throw OutputEnded(lines: lines)
    }

    func send(_ signal: Int32) {
        kill(pid, signal)
    }

    func readToEnd() async throws {
        while try await next() != nil {}
    }

    private func next() async throws -> String? {
        guard let line = try await iterator.next() else { return nil }
        let text = line.trimmingCharacters(in: .newlines)
        lines.append(text)
        return text
    }

    struct OutputEnded: Error {
        var lines: [String]
    }
}

/// A script that a CI system runs: both streams in one, signals as that system sends them.
struct ScriptProcess: Sendable {
    var environment: [String: String]
    var folder: String

    /// How a CI system stops a job: a signal and how long it waits before the next one; the last one ends it.
    struct Stop: Sendable {
        var steps: [(signal: Int32, wait: Duration)]
        /// To the first process only, or to its whole group.
        var wholeGroup: Bool

        static let github = Stop(
            steps: [(SIGINT, .milliseconds(7500)), (SIGTERM, .milliseconds(2500)), (SIGKILL, .zero)], wholeGroup: false)
        static let gitlab = Stop(steps: [(SIGTERM, .seconds(10)), (SIGKILL, .zero)], wholeGroup: true)
    }

    struct Ending: Sendable {
        /// Negative is the signal that ended it.
        var code: Int32
        var lines: [String]
        /// How many signals were sent before it ended.
        var signals = 0
    }

    /// Runs it to its end; stops it once a line `stopsAt` what it prints.
    func run(
        _ program: String, _ arguments: [String], stop: Stop = .github, stopsAt: (String) -> Bool = { _ in false }
    ) async throws -> Ending {
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        var options = PlatformOptions()
        options.processGroupID = 0
        let ending = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
            workingDirectory: FilePath(folder), platformOptions: options, input: .none, output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            let pid = execution.processIdentifier.value
            var lines: [String] = []
            var stopping: Stopping?
            for try await line in execution.standardOutput.strings() {
                let text = line.trimmingCharacters(in: .newlines)
                lines.append(text)
                if stopping == nil && stopsAt(text) { stopping = Stopping(stop, pid: stop.wholeGroup ? -pid : pid) }
            }
            return (lines, stopping?.end() ?? 0)
        }
        let code: Int32 =
            switch ending.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): -signal
            }
        return Ending(code: code, lines: ending.closureResult.0, signals: ending.closureResult.1)
    }
}

/// Sends the signals of a stop one after another until the output has ended.
private final class Stopping: Sendable {
    private let sent = LockedCount()
    private let task: Task<Void, Never>

    init(_ stop: ScriptProcess.Stop, pid: Int32) {
        task = Task { [sent] in
            for step in stop.steps {
                kill(pid, step.signal)
                sent.increment()
                // The CI system's own patience, which is what is being replayed.
                do { try await Task.sleep(for: step.wait) } catch { return }
            }
        }
    }

    /// How many were sent.
    func end() -> Int {
        task.cancel()
        return sent.value
    }
}

private final class LockedCount: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var value: Int { lock.withLock { count } }
    func increment() { lock.withLock { count += 1 } }
}
