import Foundation
import Glibc

/// The file that takes an agent's output; the agent goes on writing to it when this process is gone.
final class AgentLog: Sendable {
    let descriptor: Int32
    private let file: URL
    /// Where this start of the agent begins to write.
    private let start: UInt64
    private let redact: SecretRedaction

    init(file: URL, redact: SecretRedaction) throws(AgentFailure) {
        descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AgentFailure(
                phase: .deploy, message: "\(file.path) cannot be written: \(String(cString: strerror(errno)))")
        }
        self.file = file
        self.redact = redact
        start = UInt64(max(0, lseek(descriptor, 0, SEEK_END)))
    }

    deinit {
        close(descriptor)
    }

    func lastLines() -> [String] {
        LogTail.lines(of: file, from: start, atMost: AgentFailure.mostLastLines).map(redact.callAsFunction)
    }
}
