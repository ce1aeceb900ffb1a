import Clocks
import Engine
import Fleet
import FoundationEssentials
import Git
import Redaction
import Reports
import Synchronization
import WorkflowModel

/// Prints a run as it happens: progress on standard error and, with `--output jsonl`, events on standard output.
final class RunPrinter: EventObserver {
    private let printer: Mutex<ProgressPrinter>
    private let clock: any RunClock
    private let printsEvents: Bool
    /// Whether only warnings and errors are printed.
    private let isQuiet: Bool
    /// The commands that make the CI system hide secrets; nil where nobody reads them.
    private let masking: (@Sendable ([String]) -> String)?
    private let pause: Duration

    init(
        of loaded: LoadedWorkflow, terminal: TerminalOptions, showsLogs: Bool, output: ReportOptions.Output,
        dependencies: Dependencies
    ) {
        let (environment, workflow) = (dependencies.environment, loaded.workflow)
        let provider = terminal.ciProvider(environment)
        let canErase = StandardError.isTerminal && provider == nil && environment["TERM"] != "dumb"
        let style = Style(
            choice: terminal.color, environment: environment, isTerminal: StandardError.isTerminal,
            isCI: provider != nil)
        let isQuiet = terminal.logLevel == .warning
        self.isQuiet = isQuiet
        if provider == .github, !StandardError.isTerminal {
            masking = { CILogMasking.masks($0, environment: environment) }
        } else {
            masking = nil
        }
        var configuration = ProgressPrinter.Configuration(
            style: style, clean: TextSanitizer(escapesCICommands: provider != nil),
            terminal: canErase ? StandardError.size : nil, isVerbose: terminal.isVerbose(environment),
            showsLogs: showsLogs,
            hasSeveralJobs: workflow.jobs.count > 1 || workflow.jobs.contains { $0.strategy != nil },
            grouping: provider.map { ($0, dependencies.newToken) })
        if let fleet = loaded.fleet, !configuration.isVerbose, !showsLogs {
            configuration.fleet = FleetProgress(
                fleet.targetCounts, clean: configuration.clean, hasLiveRegion: canErase)
        }
        printer = Mutex(
            ProgressPrinter(configuration) { text, piece in
                guard !isQuiet else { return }
                switch piece {
                case .text: StandardError.writeProgress(text)
                case .groupMark: StandardError.write(text)
                }
            })
        clock = dependencies.clock
        printsEvents = output == .jsonl
        pause = canErase ? .milliseconds(100) : .seconds(1)
    }

    func observe(_ event: RunEvent) {
        printer.withLock { $0.observe(event, now: clock.now) }
        guard printsEvents else { return }
        // An event that went into the journal encodes; one that does not is missing here only.
        if let line = try? StableJSON.line(event) { StandardOutput.writeEvent(line + "\n") }
    }

    /// Tells the CI system, which hides them in the whole job, also in the steps after this one.
    func mask(_ secrets: [String]) {
        guard let masks = masking?(secrets), !masks.isEmpty else { return }
        if isQuiet { StandardError.write(masks) } else { printer.withLock { $0.pass(masks) } }
    }

    /// Keeps elapsed times up to date during `work`.
    func refreshing<Answer: Sendable>(_ work: @Sendable () async -> Answer) async -> Answer {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tick() }
            let answer = await work()
            group.cancelAll()
            return answer
        }
    }

    func close() {
        printer.withLock { $0.close(now: clock.now) }
    }

    private func tick() async {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: pause)
            } catch {
                return
            }
            // A terminal that is behind would show the same times later.
            guard !StandardError.isBehind else { continue }
            printer.withLock { $0.tick(now: clock.now) }
        }
    }
}
