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
