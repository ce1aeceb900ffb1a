import FoundationEssentials
import Glibc

/// Which file a path means, so that two ways to write it are known to be one; the file need not exist.
struct FileIdentity: Hashable {
    private let name: String

    init(_ path: String) {
        var status = stat()
        if stat(path, &status) == 0 {
            name = "\(status.st_dev):\(status.st_ino)"
            return
        }
        var folder = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        var rest: [Substring] = []
        while folder.count > 1 {
            if let resolved = realpath(folder, nil) {
                defer { free(resolved) }
                folder = String(cString: resolved)
                break
            }
            let parts = folder.split(separator: "/")
            rest.insert(contentsOf: parts.suffix(1), at: 0)
            folder = "/" + parts.dropLast().joined(separator: "/")
        }
        // What follows does not exist, so that no link can stand behind a "..".
        var parts = folder.split(separator: "/")
        for part in rest where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        name = "/" + parts.joined(separator: "/")
    }
}
