import Clocks
import ControlPlane
import Files
import FoundationEssentials
import Glibc

/// Reads the file of an API key, which may be a pipe such as `<(command)` or a named one.
struct KeyFile {
    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    let clock: any RunClock
    /// How long to wait for a process that opens the pipe for writing.
    var patienceForWriter = Duration.seconds(5)
    /// How long to wait for its text, for a command that logs in somewhere first.
    var patienceForText = Duration.seconds(60)

    func read(_ path: String) throws -> KeyText {
        // Without O_NONBLOCK, opening a pipe that nobody writes to never returns.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Problem(description: SystemErrorText.ofLastCall) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Problem(description: SystemErrorText.ofLastCall) }
        let kind = status.st_mode & S_IFMT
        let bytes = try bytes(of: descriptor, isPipe: kind == S_IFIFO)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(description: "not UTF-8 text") }
        return KeyText(text, canBeReadAgain: kind == S_IFREG)
    }

    /// The first line of standard input.
    func readStandardInput() throws -> String {
        let start = clock.now
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count <= Self.largest {
            var poller = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 50) > 0 else {
                guard start.duration(to: clock.now) < patienceForText else {
                    throw Problem(description: "timed out after \(patienceForText.brief): no line on standard input")
                }
                continue
            }
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    private func bytes(of descriptor: CInt, isPipe: Bool) throws -> [UInt8] {
        let start = clock.now
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= Self.largest {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer.prefix(count)
            } else if count == 0 {
                // A pipe without a writer is at its end before its text came.
                guard isPipe, bytes.isEmpty else { return bytes }
                try wait(for: descriptor, since: start, atMost: patienceForWriter, "nothing writes to this pipe")
            } else if errno == EAGAIN {
                try wait(for: descriptor, since: start, atMost: patienceForText, "this pipe has no text yet")
            } else if errno != EINTR {
                throw Problem(description: SystemErrorText.ofLastCall)
            }
        }
        throw Problem(description: "longer than \(Self.largest) bytes")
    }

    private func wait(
        for descriptor: CInt, since start: MonotonicInstant, atMost patience: Duration, _ problem: String
    ) throws {
        guard start.duration(to: clock.now) < patience else {
            throw Problem(description: "timed out after \(patience.brief): \(problem)")
        }
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Short, because a writer that comes and goes without a text is not reported.
        poll(&poller, 1, 50)
    }

    /// Larger than any key, in bytes.
    private static let largest = 65_536
}
