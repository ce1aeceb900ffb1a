import Files
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Reads small files that somebody named, with the system's own words for what is wrong.
package enum ReadableFile {
    package struct Problem: Error, CustomStringConvertible {
        package var description: String
    }

    /// The whole text; of a pipe, such as `/dev/fd/63`, until its other end is closed.
    package static func text(at path: String) throws(Problem) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Problem(description: SystemErrorText.ofLastCall) }
        defer { close(descriptor) }
        guard let text = String(validating: try bytes(of: descriptor), as: UTF8.self) else {
            throw Problem(description: "it is no text in UTF-8")
        }
        return text
    }

    private static func bytes(of descriptor: Int32) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer.prefix(count)
            } else if errno != EINTR {
                throw Problem(description: SystemErrorText.ofLastCall)
            }
        }
    }
}
