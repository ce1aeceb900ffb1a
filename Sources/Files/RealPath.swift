import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Where a path leads to: absolute and without links, so that two ways to write it are known to be one. What it names
/// need not exist.
package struct RealPath: Hashable, Sendable {
    package let text: String

    package init(_ path: String) {
        var rest: [Substring] = []
        var known = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while known.count > 1 {
            if let found = Self.resolved(known) {
                known = found
                break
            }
            let parts = known.split(separator: "/")
            rest.insert(contentsOf: parts.suffix(1), at: 0)
            known = "/" + parts.dropLast().joined(separator: "/")
        }
        // What follows does not exist, so that no link can stand behind a "..".
        var parts = known.split(separator: "/")
        for part in rest where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        text = "/" + parts.joined(separator: "/")
    }

    /// Whether it lies in a folder, or in one below it.
    package func isBelow(_ folder: RealPath) -> Bool {
        folder.text == "/" ? text != "/" : text.hasPrefix(folder.text + "/")
    }

    /// Whether both are names of one file, now: a file can have several without a link.
    package func isSameFile(as other: RealPath) -> Bool {
        if self == other { return true }
        guard let mine = status, let theirs = other.status else { return false }
        return mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino
    }

    private var status: stat? {
        var status = stat()
        return stat(text, &status) == 0 ? status : nil
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
