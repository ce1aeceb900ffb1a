import Clocks
import Foundation
import Glibc
import NIOCore
import NIOPosix
import Processes
import Redaction

/// Runs one command of a build in a new session and leaves no process behind.
struct BuildCommand: Sendable {
    let clock: any RunClock
    let timeLimit: Duration
    /// From SIGTERM to SIGKILL when the command is cancelled or times out.
    let stopGrace: Duration
    let environment: [String: String]

    /// Returns nil on timeout. Throws `SpawnError`, `CancellationError`, or the pipe's error.
    func run(_ argv: [String], in folder: URL, log: BuildLog) async throws -> ExitStatus? {
        let (child, output) = try start(argv, in: folder)
        do {
            let status = try await clock.within(timeLimit) { try await follow(child, output: output, log: log) }
            if status == nil { await child.session.end(grace: stopGrace) }
            return status
        } catch {
            await child.session.end(grace: stopGrace)
            throw error
        }
    }

    private func start(_ argv: [String], in folder: URL) throws -> (SessionProcess, output: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SpawnError(what: argv.first ?? "a command", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        do {
            let child = try SessionProcess(
                argv: argv, folder: folder.path, environment: environment, output: ends[1])
            return (child, ends[0])
        } catch {
            close(ends[0])
            throw error
        }
    }

    private func follow(_ child: SessionProcess, output: Int32, log: BuildLog) async throws -> ExitStatus {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await forward(output, to: log) }
            let status = try await child.waitForExit()
            await child.session.end(grace: .zero)
            // The output ends now, unless a process has left the session and keeps the pipe open.
            group.addTask { try await clock.sleep(for: .seconds(1)) }
            try await group.next()
            return status
        }
    }

    private func forward(_ descriptor: Int32, to log: BuildLog) async throws {
        let channel = try await NIOPipeBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .takingOwnershipOfDescriptor(input: descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, Never>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound in
            var splitter = LineSplitter()
            for try await bytes in inbound {
                await log.append(splitter.lines(adding: bytes.readableBytesView))
            }
            if let line = splitter.rest() { await log.append([line]) }
        }
    }
}

/// Forwards the lines of a build: bounded, and with secrets redacted.
actor BuildLog {
    let redactor: Redactor
    private let write: @Sendable (String) async -> Void
    private var budget: Int
    private var last: [String] = []

    /// `budget` is in bytes: 8 MiB are some hundred thousand lines, more than a build that works writes.
    init(redactor: Redactor, budget: Int = 8 * 1024 * 1024, write: @escaping @Sendable (String) async -> Void) {
        self.redactor = redactor
        self.budget = budget
        self.write = write
    }

    func append(_ lines: [String]) async {
        last = (last + lines.suffix(AgentFailure.mostLastLines)).suffix(AgentFailure.mostLastLines)
        for line in redactor.redact(lines) where budget > 0 {
            budget -= line.utf8.count + 1
            await write(line)
            if budget <= 0 { await write("(output truncated: too long)") }
        }
    }

    var lastLines: [String] { redactor.redact(last) }

    /// Drops the previous command's last lines, so that a failure shows only its own.
    func startCommand(_ command: String) async {
        last = []
        await write("$ " + redactor.redact(command))
    }
}
