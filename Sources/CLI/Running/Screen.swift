import Clocks
import Engine
import FoundationEssentials
import Reports
import Synchronization

/// What a person sees of a run: progress on standard error and, with `--output jsonl`, events on standard output.
final class Screen: EventObserver {
    let cancellation = RunCancellation()
    private let printer: Mutex<ProgressPrinter>
    private let clock: any RunClock
    private let printsEvents: Bool
    private let pause: Duration

    init(terminal: TerminalOptions, output: ReportOptions.Output, dependencies: Dependencies) {
        let environment = dependencies.environment
        let isCI = terminal.isCI(environment)
        let canErase = StandardError.isTerminal && !isCI && environment["TERM"] != "dumb"
        let style = Style(
            choice: terminal.color, environment: environment, isTerminal: StandardError.isTerminal, isCI: isCI)
        let isQuiet = terminal.logLevel == .warning
        var width: (@Sendable () -> Int)?
        if canErase { width = { StandardError.width() } }
        printer = Mutex(
            ProgressPrinter(
                style: style, terminalWidth: width, clean: UntrustedText(neutralisesCommands: isCI),
                isVerbose: terminal.isVerbose(environment)
            ) { text in
                if !isQuiet { StandardError.write(text) }
            })
        clock = dependencies.clock
        printsEvents = output == .jsonl
        pause = canErase ? .milliseconds(100) : .seconds(1)
    }

    func observe(_ event: RunEvent) {
        printer.withLock { $0.observe(event, now: clock.now) }
        guard printsEvents else { return }
        // An event that went into the journal encodes; one that does not is missing here only.
        if let line = try? EventLine.text(for: event) {
            StandardOutput.write(line.hasSuffix("\n") ? line : line + "\n")
        }
    }

    /// Keeps elapsed times moving while `work` goes on.
    func refreshing<Answer: Sendable>(_ work: @Sendable () async -> Answer) async -> Answer {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tick() }
            let answer = await work()
            group.cancelAll()
            return answer
        }
    }

    func close() {
        printer.withLock { $0.close() }
    }

    private func tick() async {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: pause)
            } catch {
                return
            }
            printer.withLock { $0.tick(now: clock.now) }
        }
    }
}
