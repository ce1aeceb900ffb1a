import FoundationEssentials
import Glibc
import Redaction
import Reports
import Synchronization

/// The streams that progress, errors and results are written to.
enum StandardStreams {
    /// A reader that takes nothing for so long has stalled. GitHub kills a cancelled job after 7.5 s.
    private static let patience = Duration.seconds(2)
    private static let hasStalled = Atomic<Bool>(false)

    fileprivate static let errorWriter = OutputWriter()
    /// Where both streams lead to one place, one queue keeps their order.
    fileprivate static let outputWriter = isOnePlace ? errorWriter : OutputWriter()

    /// Writes what is still queued. Results are waited for as long as their reader lives, unless they are abandoned,
    /// other text as long as its reader takes something.
    static func flush(abandonsResults: Bool = false) {
        for writer in [errorWriter, outputWriter] {
            // One stalled reader is waited for once, however often this is called.
            let patience = hasStalled.load(ordering: .acquiring) ? Duration.milliseconds(50) : patience
            if !writer.flush(patience: patience, abandonsResults: abandonsResults) {
                hasStalled.store(true, ordering: .releasing)
            }
        }
    }

    /// Whether a reader of one stream reads both, as on a terminal or after `2>&1`.
    static var isOnePlace: Bool {
        var (output, error) = (stat(), stat())
        return fstat(StandardOutput.descriptor, &output) == 0 && fstat(StandardError.descriptor, &error) == 0
            && output.st_dev == error.st_dev && output.st_ino == error.st_ino
    }

    fileprivate static func size(of descriptor: Int32) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return .usual }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}

/// Where progress and errors go. Writing never waits: a missing or stalled reader does not stop the run.
enum StandardError {
    static let descriptor: Int32 = 2

    private static let destination = OutputWriter.Destination(descriptor: descriptor) { lines in
        "... \(lines) \(lines == 1 ? "line" : "lines") dropped: standard error was not read\n"
    }

    @Sendable static func write(_ text: String) {
        StandardStreams.errorWriter.write(text, to: destination, .message)
    }

    /// Text that is dropped when the reader stalls for long.
    @Sendable static func writeProgress(_ text: String) {
        StandardStreams.errorWriter.write(text, to: destination, .progress)
    }

    /// Whether earlier text is not written yet.
    static var isBehind: Bool { StandardStreams.errorWriter.isBehind }

    static var isTerminal: Bool { isatty(descriptor) == 1 }

    @Sendable static func size() -> TerminalSize { StandardStreams.size(of: descriptor) }

    static func diagnostics(isCI: Bool, color: ColorChoice) -> DiagnosticPrinter {
        let environment = ProcessInfo.processInfo.environment
        let style = Style(
            choice: color, environment: environment, isTerminal: isTerminal, isCI: isCI)
        return DiagnosticPrinter(
            style: style, redactor: Redactor(secrets: URLCredentials.ofProxies(in: environment)),
            clean: TextSanitizer(escapesCICommands: isCI), write: write)
    }
}

/// Where results go.
enum StandardOutput {
    static let descriptor: Int32 = 1

    private static let destination = OutputWriter.Destination(descriptor: descriptor)

    @Sendable static func write(_ text: String) {
        StandardStreams.outputWriter.write(text, to: destination, .result)
    }

    /// An event of `--output jsonl`, which may be dropped when the reader stalls: its number tells of the gap, and the
    /// journal has all of them.
    static func writeEvent(_ line: String) {
        StandardStreams.outputWriter.write(line, to: destination, .progress)
    }

    /// Whether something could not be written, as on a full disk.
    static var hasLost: Bool { StandardStreams.outputWriter.hasLost(descriptor) }

    /// Whether results could not be written; text that is not read counts as written.
    static var hasFailed: Bool { StandardStreams.outputWriter.hasFailed(descriptor) }

    static var isTerminal: Bool { isatty(descriptor) == 1 }

    static func width() -> Int { StandardStreams.size(of: descriptor).columns }

    /// The files that standard output and standard error go to, where they go to files.
    static var files: [String] {
        [descriptor, StandardError.descriptor].compactMap { descriptor in
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            return path.flatMap { $0.hasPrefix("/") && !$0.hasPrefix("/dev/") ? $0 : nil }
        }
    }
}

/// Columns and rows of a terminal; asked for at each drawing, because people resize it.
struct TerminalSize: Sendable, Equatable {
    var columns: Int
    var rows: Int

    /// For a terminal that does not tell its size.
    static let usual = TerminalSize(columns: 80, rows: 24)
}
