import Clocks
import Engine
import Files
import Foundation
import Glibc
import Processes
import Redaction
import Reports

/// Starts rollbacks as processes of their own, which continue when the dashboard ends.
actor RollbackService {
    private let program: SlipwayProgram
    private let files: RollbackFiles
    private let clock: any RunClock
    private var children: [String: SessionProcess] = [:]

    init(program: SlipwayProgram, clock: any RunClock) {
        self.program = program
        self.clock = clock
        files = RollbackFiles(stateFolder: program.stateFolder)
    }

    nonisolated var redactor: Redactor { program.redactor }

    /// Starts it, or returns the one that the same form has started before.
    func start(_ request: RollbackRequest) throws(CommandProblem) -> RollbackTicket {
        if let known = files.read(request.id) { return known }
        do {
            return try spawn(request)
        } catch {
            throw CommandProblem(
                "cannot start the rollback: \(SystemErrorText.text(of: error))", hint: "nothing was changed; try again")
        }
    }

    private func spawn(_ request: RollbackRequest) throws -> RollbackTicket {
        try files.prepare()
        files.prune()
        var ticket = RollbackTicket(
            id: request.id, deployment: request.deployment.name, from: request.from, to: request.to,
            reason: request.reason, startedAt: clock.date)
        try files.write(ticket)
        let output = try create(files.events(of: ticket.id))
        defer { close(output) }
        let errors = try create(files.errors(of: ticket.id))
        defer { close(errors) }
        let child = try SessionProcess(
            argv: program.asking(request.command), folder: program.folder, environment: program.environment,
            output: output, errors: errors)
        children[ticket.id] = child
        (ticket.pid, ticket.processStart) = (child.session.id, child.session.startTime)
        try files.write(ticket)
        return ticket
    }

    private func create(_ file: URL) throws -> Int32 {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SpawnError(what: file.path, code: errno) }
        return descriptor
    }

    /// Nil for an id that no rollback has.
    func progress(of id: String) -> RollbackProgress? {
        guard let ticket = files.read(id) else { return nil }
        // Before the files, so that they are complete when it has ended.
        let status = children[id]?.exitStatus
        let isRunning = isRunning(ticket, status)
        let printed = contents(files.events(of: id))
        let resumed = isRunning ? nil : resumedRun(printed)
        return RollbackProgress(
            ticket: ticket, isRunning: resumed?.isRunning ?? isRunning, exitStatus: resumed == nil ? status : nil,
            events: resumed?.events ?? printed,
            errors: String(decoding: contents(files.errors(of: id)), as: UTF8.self))
    }

    /// The journal of a run that another process went on with after its own was killed; nil where none did.
    private func resumedRun(_ printed: Data) -> (events: Data, isRunning: Bool)? {
        let summary = RunSummary(events: LocalRun.events(printed))
        guard summary.verdict == nil, let id = summary.runID else { return nil }
        let journal = RunRetention.journal(in: "\(program.stateFolder)/runs/\(id)")
        // Before it is read: a run that ends meanwhile has its verdict in the journal.
        let isRunning = RunRetention.isActive(journal)
        let events = contents(URL(filePath: journal))
        guard isRunning || RunSummary(events: LocalRun.events(events)).verdict != nil else { return nil }
        return (events, isRunning)
    }

    /// A file that cannot be read says nothing.
    private func contents(_ file: URL) -> Data { (try? Data(contentsOf: file)) ?? Data() }

    /// Newest first.
    func all() -> [RollbackTicket] { files.all() }

    func underWay() -> [RollbackTicket] { files.all().filter { isRunning($0, children[$0.id]?.exitStatus) } }

    /// A child counts as running until its exit code is known, which is a moment after its process has ended.
    private func isRunning(_ ticket: RollbackTicket, _ status: ExitStatus?) -> Bool {
        children[ticket.id] == nil ? ticket.isRunning : status == nil
    }
}

/// What a form asks for, checked.
struct RollbackRequest: Sendable, Equatable {
    var id: String
    var deployment: DeploymentRow
    /// What is live now.
    var from: String?
    var to: String
    var reason: String

    /// Joined by `=`, so that a reason is never parsed as a flag. It does not wait for a deploy on this machine: what that
    /// makes live is not what was confirmed.
    var command: [String] {
        ["rollback", deployment.argument, "--to=\(to)", "--reason=\(reason)", "--yes", "--lock-timeout=0s"]
            + ["--output", "jsonl"]
            + (from.map { ["--if-live=\($0)"] } ?? [])
    }
}
