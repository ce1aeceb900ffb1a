import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// An absolute path without symbolic links, so that two spellings of a path compare equal. The file need not exist.
package struct RealPath: Hashable, Sendable {
    package let text: String

    package init(_ path: String) {
        let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        text = Self.resolved(absolute) ?? Self.followed(absolute)
    }

    /// Resolves the path part by part, as far as its parts exist.
    private static func followed(_ path: String) -> String {
        path.split(separator: "/").reduce("/") { place, part in
            switch part {
            case ".": return place
            case "..": return ParentFolder.path(of: place)
            default:
                let next = place == "/" ? "/\(part)" : "\(place)/\(part)"
                return resolved(next) ?? next
            }
        }
    }

    /// Whether the path is inside a folder, at any depth.
    package func isBelow(_ folder: RealPath) -> Bool {
        folder.text == "/" ? text != "/" : text.hasPrefix(folder.text + "/")
    }

    /// Whether both paths currently name the same file, which may have hard links.
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

/// The folder part of a path.
package enum ParentFolder {
    /// "." for a bare name.
    package static func path(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}
