import Clocks
import Foundation
import Glibc
import Processes

/// Runs commands that only read: each with a time limit, and few at once.
struct CommandRunner: Sendable {
    private let program: SlipwayProgram
    private let clock: any RunClock
    private let limit: Duration
    private let slots = CommandSlots(free: 4)
    /// Of their own: what this machine knows does not wait for a control plane that does not answer.
    private let localSlots = CommandSlots(free: 2)

    static let limit = Duration.seconds(60)

    init(program: SlipwayProgram, clock: any RunClock, limit: Duration = Self.limit) {
        self.program = program
        self.clock = clock
        self.limit = limit
    }

    /// What a command printed that succeeded.
    struct Output: Sendable {
        var data: Data
        var warnings: [CommandProblem] = []
    }

    /// What a command that asks the control plane prints.
    func ask(_ command: [String]) async throws(CommandProblem) -> Output {
        try await run(program.asking(command), slots)
    }

    /// What a command that reads the state directory prints.
    func read(_ command: [String]) async throws(CommandProblem) -> Output {
        try await run(program.reading(command), localSlots)
    }

    private func run(_ argv: [String], _ slots: CommandSlots) async throws(CommandProblem) -> Output {
        await slots.take()
        let result = await Result { () async throws(CommandProblem) in try await perform(argv) }
        await slots.give()
        return try result.get()
    }

    private func perform(_ argv: [String]) async throws(CommandProblem) -> Output {
        let (output, errors) = (try ScratchFile(), try ScratchFile())
        let child: SessionProcess
        do {
            child = try SessionProcess(
                argv: argv, folder: program.folder, environment: program.environment, output: output.descriptor,
                errors: errors.descriptor)
        } catch {
            throw CommandProblem("\(error)", hint: "check the installation of slipway")
        }
        let status: ExitStatus
        do {
            guard let ended = try await clock.within(limit, { try await child.waitForExit() }) else {
                await child.session.end(grace: .seconds(1))
                let name = argv.dropFirst().first ?? ""
                throw CommandProblem(
                    "slipway \(name) timed out after \(limit.brief)", hint: "the next reload tries again")
            }
            status = ended
        } catch let problem as CommandProblem {
            throw problem
        } catch {
            await child.session.end(grace: .zero)
            throw CommandProblem("cancelled")
        }
        guard status == .exited(0) else { throw CommandProblem(errors: errors.text, status: status) }
        return Output(data: output.data, warnings: CommandProblem.warnings(in: errors.text))
    }
}

/// A file without a name, for the output of a process.
private final class ScratchFile {
    /// More than any list or log tail; what is longer is cut and does not decode.
    private static let maximumBytes = 64 << 20

    let descriptor: Int32

    init() throws(CommandProblem) {
        var template = Array((NSTemporaryDirectory() + "/slipway-dashboard-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw CommandProblem(
                "cannot write in \(NSTemporaryDirectory()): \(String(cString: strerror(errno)))",
                hint: "set TMPDIR to a writable directory")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
    }

    deinit { close(descriptor) }

    var data: Data {
        var data = Data()
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while data.count < Self.maximumBytes {
            let count = pread(descriptor, &piece, piece.count, off_t(data.count))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            data += piece.prefix(count)
        }
        return data
    }

    var text: String { String(decoding: data, as: UTF8.self) }
}

/// Lets few processes run at once.
private actor CommandSlots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(free: Int) { self.free = free }

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
