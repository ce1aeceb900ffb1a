import FoundationEssentials
import Redaction
import Reports
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Where progress and errors go; nobody listening is no reason to stop.
enum StandardError {
    static let descriptor: Int32 = 2

    @Sendable static func write(_ text: String) {
        OutputStream.write(text, to: descriptor)
    }

    static var isTerminal: Bool { isatty(descriptor) == 1 }

    @Sendable static func size() -> TerminalSize { OutputStream.size(of: descriptor) }

    static func diagnostics(isCI: Bool, color: ColorChoice) -> DiagnosticPrinter {
        let environment = ProcessInfo.processInfo.environment
        let style = Style(
            choice: color, environment: environment, isTerminal: isTerminal, isCI: isCI)
        return DiagnosticPrinter(style: style, clean: TextSanitizer(escapesCICommands: isCI), write: write)
    }
}

/// Where results go.
enum StandardOutput {
    static let descriptor: Int32 = 1

    static var isTerminal: Bool { isatty(descriptor) == 1 }

    static func width() -> Int { OutputStream.size(of: descriptor).columns }

    private static let lost = Atomic<Bool>(false)

    /// Whether something could not be written, as on a full disk; a reader that went away wants no more.
    static var hasLost: Bool { lost.load(ordering: .acquiring) }

    @Sendable static func write(_ text: String) {
        if !OutputStream.write(text, to: descriptor) { lost.store(true, ordering: .releasing) }
    }

    /// The files that standard output and standard error go to, where they go to files.
    static var files: [String] {
        [descriptor, StandardError.descriptor].compactMap { descriptor in
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
            return path.flatMap { $0.hasPrefix("/") && !$0.hasPrefix("/dev/") ? $0 : nil }
        }
    }
}

private enum OutputStream {
    /// The usual size where the terminal does not say its own.
    static func size(of descriptor: Int32) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return .usual }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    @discardableResult static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return count == 0 || errno == EPIPE }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
