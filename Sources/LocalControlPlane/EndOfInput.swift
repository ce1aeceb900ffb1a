import Foundation

/// Ends this program, as SIGTERM does, when its standard input ends: who holds the other end of a pipe is gone then,
/// however it ended.
enum EndOfInput {
    static func follow() {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
        }
        thread.start()
    }
}
