import ControlPlaneTypes
import Foundation

/// Where the control plane keeps everything; nobody but its owner may look inside.
struct StateDirectory: Sendable {
    let root: URL

    /// Makes the folder when it is not there.
    ///
    /// - Throws: `PlaneError` when it cannot be made or made private.
    init(preparing path: String) throws {
        root = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
        do {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: root.path())
        } catch {
            throw PlaneError(
                .stateUnusable, "cannot use \(path) as the state folder: \(error.localizedDescription)",
                hint: "name a folder that you may write with --state")
        }
    }

    var database: URL { root.appending(path: "plane.sqlite") }
    var lock: URL { root.appending(path: "lock") }
    var key: URL { root.appending(path: "key") }
    var planeFile: URL { root.appending(path: "plane.json") }
    /// In the root: what package tools have installed before.
    static let installsName = "installs.json"
    var uploads: URL { root.appending(path: "uploads") }

    func folder(of revision: RevisionID) -> URL {
        root.appending(path: "revisions").appending(path: revision.rawValue)
    }

    /// The check-out or extracted archive that a revision is built and run in.
    func tree(of revision: RevisionID) -> URL {
        folder(of: revision).appending(path: "tree")
    }
}
