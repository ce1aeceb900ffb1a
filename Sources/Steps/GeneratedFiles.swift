import Files
import FoundationEssentials
import Git

/// What slipway itself makes, such as its reports and journals: where that lies in the work tree it is no change of it.
package struct GeneratedFiles: Sendable {
    /// A folder with more entries than this is not looked through.
    private static let mostEntries = 100

    private let files: Set<RealPath>
    /// With all that is below them.
    private let folders: [RealPath]

    /// Paths that need not exist yet; links are followed.
    package init(_ files: [String], folders: [String] = []) {
        self.files = Set(files.map(RealPath.init))
        self.folders = folders.map(RealPath.init)
    }

    /// The status without them. `root` is the folder that its paths are relative to.
    func removed(from status: WorkingTreeStatus, root: String) -> WorkingTreeStatus {
        let root = RealPath(root)
        guard (files + folders).contains(where: { $0.isBelow(root) }) else { return status }
        return status.without { covers("\(root.text)/\($0)") }
    }

    /// A folder, which ends in a slash, is covered when all that is in it is.
    private func covers(_ path: String) -> Bool {
        let place = RealPath(path)
        if files.contains(place) || folders.contains(where: { place == $0 || place.isBelow($0) }) { return true }
        guard path.hasSuffix("/"), (files + folders).contains(where: { $0.isBelow(place) }),
            let names = try? FileManager.default.contentsOfDirectory(atPath: place.text),
            names.count <= Self.mostEntries
        else { return false }
        return names.allSatisfy { name in
            var isFolder = false
            let entry = "\(place.text)/\(name)"
            return FileManager.default.fileExists(atPath: entry, isDirectory: &isFolder)
                && covers(isFolder ? entry + "/" : entry)
        }
    }
}
