import Clocks
import ControlPlaneTypes
import Foundation

/// Hands out the logs of revisions: one writer for each, however many write to it.
actor RevisionLogs {
    private struct Key: Hashable {
        var revision: RevisionID
        var kind: LogKind
    }

    private let state: StateDirectory
    private let clock: any RunClock
    private var open: [Key: RevisionLog] = [:]

    init(state: StateDirectory, clock: any RunClock) {
        self.state = state
        self.clock = clock
    }

    func log(_ kind: LogKind, of revision: RevisionRecord) -> RevisionLog {
        let key = Key(revision: revision.id, kind: kind)
        if let log = open[key] { return log }
        let log = RevisionLog(
            file: file(kind, of: revision.id), redact: SecretRedaction(revision.environment), clock: clock)
        open[key] = log
        return log
    }

    /// Lets go of the writers of a revision that writes no more.
    func close(_ revision: RevisionID) {
        for kind in LogKind.allCases { open[Key(revision: revision, kind: kind)] = nil }
    }

    nonisolated func file(_ kind: LogKind, of revision: RevisionID) -> LogFile {
        LogFile(kind: kind, revisionFolder: state.folder(of: revision))
    }
}

extension RevisionRecord {
    /// The deployment's secrets, as the environment of its builds and agents.
    var environment: [String: String] {
        Dictionary(secrets.map { ($0.name, $0.value.reveal()) }) { $1 }
    }
}
