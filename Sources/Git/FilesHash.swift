import CLibgit2
import Files
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// This computes one hash over the files of a folder that match patterns, tracked by git or not.
///
/// The hash is the git object id of a list with the object id and path of each file, sorted by path. In a pattern `*`
/// matches within a folder and `**` across folders.
package enum FilesHash {
    /// The limit that catches a folder given by mistake.
    package static let maximumFiles = 100_000

    /// Returns `nil` when no file matches. Throws `GitError` for too many files, or one that cannot be read.
    package static func of(_ patterns: [String], in folder: String) throws -> String? {
        try LibGit2.start()
        let patterns = patterns.map(PathPattern.init)
        let paths = try files(below: folder).filter { path in patterns.contains { $0.matches(path) } }.sorted()
        guard !paths.isEmpty else { return nil }
        var list = ""
        for path in paths { list += "\(try hash(ofFile: folder + "/" + path, named: path)) \(path)\n" }
        return try hash(of: list)
    }

    /// Returns the paths below the folder; does not follow links, and skips `.git`.
    private static func files(below folder: String) throws -> [String] {
        var found: [String] = []
        var open = [""]
        while let place = open.popLast() {
            let path = place.isEmpty ? folder : folder + "/" + place
            for name in try entries(of: path) where name != ".git" {
                let relative = place.isEmpty ? name : place + "/" + name
                var status = stat()
                guard lstat(folder + "/" + relative, &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: open.append(relative)
                case S_IFREG: found.append(relative)
                default: continue
                }
            }
            guard found.count <= maximumFiles else {
                throw GitError(
                    .fileSystem, "too many files in \(folder): more than \(maximumFiles)",
                    hint: "use a folder with fewer files")
            }
        }
        return found
    }

    private static func entries(of folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw GitError(.fileSystem, "cannot list folder \(folder): \(SystemErrorText.text(of: error))")
        }
    }

    private static func hash(ofFile path: String, named name: String) throws -> String {
        var id = git_oid()
        try LibGit2.check(git_odb_hashfile(&id, path, GIT_OBJECT_BLOB), "hashing \(name)")
        return id.hex
    }

    private static func hash(of text: String) throws -> String {
        var id = git_oid()
        var text = text
        let code = text.withUTF8 { git_odb_hash(&id, $0.baseAddress, $0.count, GIT_OBJECT_BLOB) }
        try LibGit2.check(code, "hashing a list of files")
        return id.hex
    }
}

/// This pattern matches paths: `**` is any number of folders, and fnmatch(3) matches each other part.
private struct PathPattern {
    private let parts: [String]

    init(_ text: String) {
        parts = text.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    func matches(_ path: String) -> Bool {
        Self.matches(parts[...], path.split(separator: "/")[...])
    }

    private static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == "**" {
            return matches(pattern.dropFirst(), path) || (!path.isEmpty && matches(pattern, path.dropFirst()))
        }
        guard let name = path.first, fnmatch(first, String(name), FNM_PERIOD) == 0 else { return false }
        return matches(pattern.dropFirst(), path.dropFirst())
    }
}
