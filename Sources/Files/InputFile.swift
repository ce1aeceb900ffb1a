import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Reads text that a user names: a file, a named pipe, one such as `<(command)`, or `-` for standard input. Neither a
/// pipe without a writer nor a device without an end can hold up the command.
package struct InputFile: Sendable {
    package struct Problem: Error, CustomStringConvertible {
        package var description: String
    }

    package struct Contents: Sendable {
        package var text: String
        /// False for a pipe, which has its content once.
        package var canBeReadAgain: Bool
    }

    /// In bytes; `/dev/zero` has no end.
    private let largest: Int
    /// How long to wait for a process that opens the pipe for writing.
    private let patienceForWriter: Duration
    /// How long to wait for its text, for a command that logs in somewhere first.
    private let patienceForText: Duration

    package init(
        largest: Int = 8 << 20, patienceForWriter: Duration = .seconds(5), patienceForText: Duration = .seconds(60)
    ) {
        self.largest = largest
        self.patienceForWriter = patienceForWriter
        self.patienceForText = patienceForText
    }

    package func read(_ path: String) throws(Problem) -> Contents {
        let (bytes, canBeReadAgain) = try readBytes(path)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(description: "not UTF-8 text") }
        return Contents(text: text, canBeReadAgain: canBeReadAgain)
    }

    /// The same for bytes that need not be text.
    package func bytes(of path: String) throws(Problem) -> [UInt8] { try readBytes(path).bytes }

    private func readBytes(_ path: String) throws(Problem) -> (bytes: [UInt8], canBeReadAgain: Bool) {
        if path == "-" { return (try bytes(of: STDIN_FILENO), false) }
        // Without O_NONBLOCK, opening a pipe that nobody writes to never returns.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.problemOfLastCall }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.problemOfLastCall }
        return (try bytes(of: descriptor), status.st_mode & S_IFMT == S_IFREG)
    }

    /// The first line of a stream that is open already, such as standard input.
    package func firstLine(of descriptor: Int32) throws(Problem) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count <= largest {
            guard Self.hasText(descriptor, within: patienceForText) else { throw noText }
            let count = Glibc.read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    private func bytes(of descriptor: Int32) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= largest {
            let hasText = Self.hasText(descriptor, within: patienceForWriter)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer.prefix(count)
            } else if count == 0 {
                // Of a pipe that no process has opened for writing.
                guard hasText || !bytes.isEmpty else { throw Problem(description: "nothing writes to this pipe") }
                return bytes
            } else if errno == EAGAIN {
                guard Self.hasText(descriptor, within: patienceForText) else { throw noText }
            } else if errno != EINTR {
                throw Self.problemOfLastCall
            }
        }
        throw Problem(description: "longer than \(largest) bytes")
    }

    /// Whether text or its end is there.
    private static func hasText(_ descriptor: Int32, within patience: Duration) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, Int32(clamping: Int64(patience / .milliseconds(1)))) != 0
    }

    private var noText: Problem {
        Problem(description: "no text within \(patienceForText)")
    }

    private static var problemOfLastCall: Problem { Problem(description: SystemErrorText.ofLastCall) }
}
