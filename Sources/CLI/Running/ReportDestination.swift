import Files
import FoundationEssentials
import Glibc

/// Where a report goes. A file is replaced atomically, everything else is written to.
enum ReportDestination: Sendable, Equatable {
    /// `-`, or another name for where standard output goes.
    case standardOutput
    /// A pipe, a device, or a descriptor that the caller has opened.
    case stream(path: String)
    case file(path: String)

    private static let descriptorFolders = ["/dev/fd/", "/proc/self/fd/"]

    init(_ path: String) {
        if path == "-" || Self.descriptor(named: path) == StandardOutput.descriptor || Self.isOutput(path) {
            self = .standardOutput
        } else if Self.descriptor(named: path) != nil || Self.status(of: path)?.isStream == true {
            self = .stream(path: path)
        } else {
            self = .file(path: path)
        }
    }

    /// The descriptor of a path such as `/dev/fd/63`, which `>(command)` becomes.
    static func descriptor(named path: String) -> Int32? {
        switch path {
        case "/dev/stdout": return StandardOutput.descriptor
        case "/dev/stderr": return StandardError.descriptor
        default:
            guard let folder = descriptorFolders.first(where: path.hasPrefix) else { return nil }
            return Int32(path.dropFirst(folder.count))
        }
    }

    /// Whether standard output was redirected to this file: replacing it would hide what is written there.
    private static func isOutput(_ path: String) -> Bool {
        var output = stat()
        guard fstat(StandardOutput.descriptor, &output) == 0, let status = status(of: path), !status.isDevice else {
            return false
        }
        return status.st_dev == output.st_dev && status.st_ino == output.st_ino
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}

extension stat {
    fileprivate var isDevice: Bool { st_mode & S_IFMT == S_IFCHR }
    fileprivate var isStream: Bool { isDevice || st_mode & S_IFMT == S_IFIFO }
}

/// Text to a pipe or a device; a reader that takes nothing holds nobody up for long.
struct StreamWriter: ~Copyable {
    /// How long to wait for a reader, to open the pipe or to take more.
    private static let patience: Int32 = 5000
    private static let pause: Int32 = 50
    /// A pipe that is ready takes as much without blocking.
    private static let mostAtOnce = 4096

    private let descriptor: Int32

    /// Whether it may be written to; a pipe is not opened, because its reader would see the end of it.
    static func check(_ path: String) throws(ReportProblem) {
        guard let descriptor = ReportDestination.descriptor(named: path) else {
            guard access(path, W_OK) == 0 else { throw ReportProblem(errno) }
            return
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0 else { throw ReportProblem(errno) }
        guard flags & O_ACCMODE != O_RDONLY else { throw ReportProblem(reason: "not open for writing") }
    }

    init(_ path: String) throws(ReportProblem) {
        if let open = ReportDestination.descriptor(named: path) {
            descriptor = fcntl(open, F_DUPFD_CLOEXEC, 3)
        } else {
            descriptor = Self.openPipe(path)
        }
        guard descriptor >= 0 else {
            throw errno == ENXIO ? ReportProblem(reason: "nothing reads from this pipe") : ReportProblem(errno)
        }
    }

    deinit { close(descriptor) }

    private static func openPipe(_ path: String) -> Int32 {
        var left = patience
        while true {
            // Without O_NONBLOCK, opening a pipe that nobody reads never returns.
            let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor < 0, errno == ENXIO, left > 0 else { return descriptor }
            poll(nil, 0, pause)
            left -= pause
        }
    }

    func write(_ text: String) throws(ReportProblem) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&poller, 1, Self.patience) != 0 else { throw ReportProblem(reason: "its reader takes nothing") }
            let count = rest.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, min($0.count, Self.mostAtOnce))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR, errno != EAGAIN {
                throw ReportProblem(errno)
            }
        }
    }
}
