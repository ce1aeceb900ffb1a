import CLibgit2
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// One hash over the files of a folder that match patterns, whether git knows them or not.
///
/// It is git's own: the object id of a list with the object id and the path of each file, sorted by path. Patterns are
/// those of `.gitignore`: `*` stays within a folder, `**` crosses folders.
package enum FilesHash {
    /// More files than this are a pattern gone wrong.
    package static let maximumFiles = 100_000

    /// Nil when no file matches.
    ///
    /// Throws `GitError` for a pattern that means nothing, too many files, or one that cannot be read.
    package static func of(_ patterns: [String], in folder: String) throws -> String? {
        try LibGit2.start()
        let spec = try Pathspec(patterns)
        let paths = try files(below: folder).filter { spec.matches($0) }.sorted()
        guard !paths.isEmpty else { return nil }
        var list = ""
        for path in paths { list += "\(try hash(ofFile: folder + "/" + path, named: path)) \(path)\n" }
        return try hash(of: list)
    }

    /// Paths below the folder; links are not followed, and `.git` is passed over.
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
                    .fileSystem, "there are more than \(maximumFiles) files below \(folder)",
                    hint: "run it in a folder with fewer files")
            }
        }
        return found
    }

    private static func entries(of folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw GitError(.fileSystem, "the folder \(folder) cannot be listed: \(error)")
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

/// Compiled patterns.
private struct Pathspec: ~Copyable {
    private let owned: Owned

    init(_ patterns: [String]) throws {
        let texts = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: patterns.count)
        for (place, pattern) in patterns.enumerated() { (texts + place).initialize(to: strdup(pattern)) }
        defer {
            for place in patterns.indices { free(texts[place]) }
            texts.deallocate()
        }
        var list = git_strarray(strings: texts, count: patterns.count)
        owned = try Owned(git_pathspec_free, "reading the patterns \(patterns.joined(separator: ", "))") {
            git_pathspec_new(&$0, &list)
        }
    }

    func matches(_ path: String) -> Bool {
        git_pathspec_matches_path(owned.pointer, 0, path) == 1
    }
}
