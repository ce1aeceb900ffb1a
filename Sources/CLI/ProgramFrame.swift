import Glibc

/// How the program meets the system at its start and its end.
enum ProgramFrame {
    static func begin() {
        // A reader that has gone away (`slipway … | head`), or a report longer than `ulimit -f` allows, must not end a
        // deploy.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        // Else a file that is opened later, such as a journal, would take the place of a stream that was closed.
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Leaves without what libraries registered for the end: OpenSSL frees its tables then, while threads of libcurl or
    /// libgit2 may still use them, and nothing here needs it.
    static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}
