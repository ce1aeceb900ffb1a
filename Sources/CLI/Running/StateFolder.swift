import Engine
import FoundationEssentials
import Steps

/// Where slipway keeps what must outlive a run: journals, locks, uploads, the local control plane.
struct StateFolder: Sendable {
    let path: String
    private let lockTimeout: Duration?

    /// A flag beats SLIPWAY_STATE_DIR, that beats XDG_STATE_HOME, which counts only when it is absolute.
    init(flag: String?, environment: [String: String], lockTimeout: Duration? = nil) {
        self.lockTimeout = lockTimeout
        if let given = flag ?? environment["SLIPWAY_STATE_DIR"], !given.isEmpty {
            path = given.hasPrefix("/") ? given : FileManager.default.currentDirectoryPath + "/" + given
        } else if let xdg = environment["XDG_STATE_HOME"], xdg.hasPrefix("/") {
            path = xdg + "/slipway"
        } else {
            path = Self.home(environment) + "/.local/state/slipway"
        }
    }

    /// Where HOME is not set, the account's own folder.
    private static func home(_ environment: [String: String]) -> String {
        environment.nonEmpty("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path
    }

    func journal(of run: RunID) -> String { RunFolders.journal(in: "\(path)/runs/\(run)") }

    var runFolders: RunFolders { RunFolders(path + "/runs") }

    /// The workflow of a run, as it was when the run began.
    func workflow(of run: RunID) -> WorkflowSnapshot { WorkflowSnapshot(folder: "\(path)/runs/\(run)") }

    /// The runs there are, newest first.
    var runs: [RunID] {
        let names = FileManager.default.contents(atFolder: path + "/runs")
        return names.sorted(by: >).map { RunID(rawValue: $0) }
    }

    func scratch(of run: RunID) -> String { "\(path)/runs/\(run)/scratch" }

    var locks: RunLocks { RunLocks(folder: path + "/locks", patience: lockTimeout) }

    var uploads: String { path + "/uploads" }

    var localPlane: String { path + "/control-plane" }

    /// What is kept there, wherever the folder lies.
    func generatedFiles(and files: [String]) -> GeneratedFiles {
        GeneratedFiles(files + [uploads], folders: ["\(path)/runs", "\(path)/locks", localPlane])
    }
}

extension FileManager {
    /// Nothing where there is no such folder.
    fileprivate func contents(atFolder path: String) -> [String] {
        (try? contentsOfDirectory(atPath: path)) ?? []
    }
}
