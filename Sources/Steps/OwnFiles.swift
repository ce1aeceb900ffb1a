import Files
import FoundationEssentials
import Git

/// Files that slipway itself makes, such as its reports: where they lie in the work tree they are no change of it.
package struct OwnFiles: Sendable {
    /// A folder with more files than this is not looked through.
    private static let mostEntries = 100

    private let places: Set<RealPath>

    /// Paths that need not exist yet; links are followed.
    package init(_ paths: [String]) {
        places = Set(paths.map(RealPath.init))
    }

    /// The status without them. `root` is the folder that its paths are relative to.
    func removed(from status: WorktreeStatus, root: String) -> WorktreeStatus {
        guard !places.isEmpty else { return status }
        return status.without { covers("\(root)/\($0)") }
    }

    /// A folder, which ends in a slash, is covered when all that is in it is.
    private func covers(_ path: String) -> Bool {
        let place = RealPath(path)
        guard path.hasSuffix("/") else { return places.contains(place) }
        guard places.contains(where: { $0.isBelow(place) }),
            let names = try? FileManager.default.subpathsOfDirectory(atPath: place.text),
            names.count <= Self.mostEntries
        else { return false }
        return names.allSatisfy { name in
            var isFolder = false
            let entry = "\(place.text)/\(name)"
            return FileManager.default.fileExists(atPath: entry, isDirectory: &isFolder)
                && (isFolder || places.contains(RealPath(entry)))
        }
    }
}
