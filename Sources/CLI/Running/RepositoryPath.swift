import FoundationEssentials

/// Names files as CI systems do: relative to the root of the working tree.
enum RepositoryPath {
    /// Nil for a file outside of the root.
    ///
    /// - Parameters:
    ///   - folder: what a relative path is relative to.
    ///   - root: nil for the nearest folder above the file that holds a repository.
    static func name(of path: String, from folder: String, root: String?) -> String? {
        let parts = normalised(path.hasPrefix("/") ? path : folder + "/" + path)
        guard let root = root.map(normalised) ?? repository(above: parts), parts.starts(with: root),
            parts.count > root.count
        else { return nil }
        return parts.dropFirst(root.count).joined(separator: "/")
    }

    private static func normalised(_ path: String) -> [Substring] {
        path.split(separator: "/").reduce(into: []) { parts, part in
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
        }
    }

    private static func repository(above parts: [Substring]) -> [Substring]? {
        (0..<parts.count).reversed().map { Array(parts.prefix($0)) }.first { folder in
            FileManager.default.fileExists(atPath: "/" + (folder + [".git"]).joined(separator: "/"))
        }
    }
}
