import FoundationEssentials
import Git

#if canImport(Glibc)
    import Glibc
#endif

/// Files that slipway itself makes, such as its reports: where they lie in the work tree they are no change of it.
package struct OwnFiles: Sendable {
    /// A folder with more files than this is not looked through.
    private static let mostEntries = 100

    private let paths: Set<String>

    /// Paths that need not exist yet; links are followed.
    package init(_ paths: [String]) {
        self.paths = Set(paths.map(Self.resolved))
    }

    /// The status without them. `root` is the folder that its paths are relative to.
    func removed(from status: WorktreeStatus, root: String) -> WorktreeStatus {
        guard !paths.isEmpty else { return status }
        let root = Self.resolved(root)
        return status.without { covers("\(root)/\($0)") }
    }

    /// A folder, which ends in a slash, is covered when all that is in it is.
    private func covers(_ path: String) -> Bool {
        guard path.hasSuffix("/") else { return paths.contains(Self.resolved(path)) }
        let folder = String(path.dropLast())
        guard paths.contains(where: { $0.hasPrefix(Self.resolved(folder) + "/") }),
            let names = try? FileManager.default.subpathsOfDirectory(atPath: folder), names.count <= Self.mostEntries
        else { return false }
        return names.allSatisfy { name in
            var isFolder = false
            let place = "\(folder)/\(name)"
            return FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
                && (isFolder || paths.contains(Self.resolved(place)))
        }
    }

    /// Absolute, without links; a file that is not there yet by its folder.
    private static func resolved(_ path: String) -> String {
        if let found = realPath(path) { return found }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        let base = realPath(folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder)
        return base.map { "\($0)/\(parts.last ?? "")" } ?? path
    }

    private static func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
