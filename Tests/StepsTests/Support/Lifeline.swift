import Glibc
import TestSupport
import Testing

/// A named pipe whose writers' end can be waited for: how a test sees that processes are gone.
final class Lifeline {
    let path: String
    private let folder: TemporaryFolder
    private let descriptor: Int32

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/lifeline"
        try #require(mkfifo(path, 0o600) == 0)
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    /// Whether somebody held it, and everybody who did is gone, within five seconds.
    var isCut: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 5000) == 1 && request.revents & Int16(POLLHUP) != 0
    }
}
