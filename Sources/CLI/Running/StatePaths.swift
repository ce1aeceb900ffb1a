import ControlPlane
import Engine
import FoundationEssentials
import Glibc
import Reports
import Steps

/// Where journals, locks, uploads and the local control plane are in the state directory.
struct StatePaths: Sendable {
    let path: String
    private let lockTimeout: Duration?
    /// Whether it is where it would be without a flag and variables.
    private let isStandard: Bool

    /// The flag overrides SLIPWAY_STATE_DIR, which overrides XDG_STATE_HOME; that is ignored unless it is absolute.
    init(flag: String?, environment: [String: String], lockTimeout: Duration? = nil) {
        self.lockTimeout = lockTimeout
        if let given = flag ?? environment["SLIPWAY_STATE_DIR"], !given.isEmpty {
            path = given.hasPrefix("/") ? given : FileManager.default.currentDirectoryPath + "/" + given
        } else if let xdg = environment["XDG_STATE_HOME"], xdg.hasPrefix("/") {
            path = xdg + "/slipway"
        } else {
            path = Self.home(environment) + "/.local/state/slipway"
        }
        isStandard = path == Self.home(environment) + "/.local/state/slipway"
    }

    /// What `slipway resume` needs to find the directory from anywhere, with a blank before it.
    var resumeFlags: String { isStandard ? "" : " --state-dir \(ShellWord.quoted(path))" }

    /// HOME, else the home directory of the account in /etc/passwd. In a static program `getpwuid` would load modules of
    /// the host's C library.
    private static func home(_ environment: [String: String]) -> String {
        if let home = environment.nonEmpty("HOME") { return home }
        let accounts = (try? String(contentsOfFile: "/etc/passwd", encoding: .utf8)) ?? ""
        let user = String(getuid())
        for line in accounts.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count == 7, fields[2] == user, fields[5].hasPrefix("/") { return String(fields[5]) }
        }
        return ""
    }

    func journal(of run: RunID) -> String { RunRetention.journal(in: "\(path)/runs/\(run)") }

    var retention: RunRetention { RunRetention(path + "/runs") }

    /// The workflow as it was when the run began.
    func workflow(of run: RunID) -> WorkflowSnapshot { WorkflowSnapshot(folder: "\(path)/runs/\(run)") }

    /// All runs, newest first.
    var runs: [RunID] {
        let names = FileManager.default.contents(atFolder: path + "/runs")
        return names.sorted(by: >).map { RunID(rawValue: $0) }
    }

    func scratch(of run: RunID) -> String { "\(path)/runs/\(run)/scratch" }

    /// The whole logs of the steps.
    func logs(of run: RunID) -> String { "\(path)/runs/\(run)/logs" }

    var locks: RunLocks {
        RunLocks(
            folder: path + "/locks", waitLimit: lockTimeout, journal: { journal(of: $0) },
            canonicalName: ControlPlaneAddress.canonicalLockName)
    }

    var uploads: String { path + "/uploads" }

    var localPlane: String { path + "/control-plane" }

    /// The files of slipway, which do not count as changes of a working tree.
    func generatedFiles(and files: [String]) -> GeneratedFiles {
        GeneratedFiles(files + [uploads], folders: ["\(path)/runs", "\(path)/locks", localPlane])
    }
}

extension FileManager {
    /// Empty when the folder does not exist.
    fileprivate func contents(atFolder path: String) -> [String] {
        (try? contentsOfDirectory(atPath: path)) ?? []
    }
}
