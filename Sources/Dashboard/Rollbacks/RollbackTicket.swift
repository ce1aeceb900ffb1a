import Foundation
import Processes

/// A rollback that a page started: what was asked, and the process that does it.
struct RollbackTicket: Codable, Sendable, Equatable {
    /// A UUID that the form brought, so that a form that is sent twice starts one.
    var id: String
    var deployment: String
    var from: String?
    var to: String
    var reason: String
    var startedAt: Date
    /// Missing when the dashboard was killed before it could be recorded.
    var pid: Int32?
    var processStart: UInt64?

    var isRunning: Bool {
        guard let pid, let processStart else { return false }
        return ProcessSession(id: pid, startTime: processStart).leaderIsRunning
    }
}

/// The files of rollbacks, in the state directory: they outlive the dashboard.
struct RollbackFiles: Sendable {
    /// As many as the runs that are kept.
    private static let kept = 50

    let folder: URL

    init(stateFolder: String) {
        folder = URL(filePath: stateFolder).appending(path: "dashboard")
    }

    func events(of id: String) -> URL { folder.appending(path: id + ".jsonl") }

    func errors(of id: String) -> URL { folder.appending(path: id + ".stderr") }

    private func ticket(of id: String) -> URL { folder.appending(path: id + ".json") }

    func prepare() throws {
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    func write(_ ticket: RollbackTicket) throws {
        let path = self.ticket(of: ticket.id)
        try JSONEncoder().encode(ticket).write(to: path, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path.path)
    }

    func read(_ id: String) -> RollbackTicket? {
        // A missing or damaged file counts as no rollback.
        guard let data = try? Data(contentsOf: ticket(of: id)) else { return nil }
        return try? JSONDecoder().decode(RollbackTicket.self, from: data)
    }

    /// Newest first.
    func all() -> [RollbackTicket] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.compactMap { read(String($0.dropLast(".json".count))) }
            .sorted { $0.startedAt > $1.startedAt }
    }

    /// Removes the oldest ones that have ended.
    func prune() {
        for ticket in all().dropFirst(Self.kept) where !ticket.isRunning {
            for file in [self.ticket(of: ticket.id), events(of: ticket.id), errors(of: ticket.id)] {
                // What cannot be removed now is removed the next time.
                try? FileManager.default.removeItem(at: file)
            }
        }
    }
}
