import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Reads small files that somebody named, with the system's own words for what is wrong.
enum ReadableFile {
    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    static func text(at path: String) throws -> String {
        guard access(path, R_OK) == 0 else { throw Problem(description: String(cString: strerror(errno))) }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Problem(description: "it is no text in UTF-8")
        }
    }
}
