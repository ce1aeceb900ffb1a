import ArgumentParser
import Engine

/// Whether a command may change what it is about to change.
struct Confirmation: Sendable {
    /// `--yes` was said.
    let isGiven: Bool
    /// Nil where there is no terminal.
    let ask: (@Sendable (_ question: String) -> Bool)?

    init(isGiven: Bool, ask: (@Sendable (String) -> Bool)?) {
        self.isGiven = isGiven
        self.ask = ask
    }

    init(isGiven: Bool, environment: [String: String]) {
        self.isGiven = isGiven
        ask = RollbackPrompt.canAsk(environment) ? Self.askOnTerminal : nil
    }

    /// Throws `StepFailure` (usage) when something would be destroyed without anybody to ask.
    func checkBefore(destroying: Bool) throws(StepFailure) {
        guard destroying, !isGiven, ask == nil else { return }
        throw StepFailure(
            .usage, code: "ConfirmationRequired", "there is no terminal to ask on",
            hint: "say --yes to delete without being asked")
    }

    /// Asks where it can. Throws `ExitCode` (failed) when the answer is no.
    func require(_ question: String, destroying: Bool = false) throws {
        try checkBefore(destroying: destroying)
        guard !isGiven, let ask, !ask(question) else { return }
        throw ExitCode(Verdict.failed.exitCode)
    }

    @Sendable private static func askOnTerminal(_ question: String) -> Bool {
        StandardError.write("\(question) [y/N] ")
        let answer = readLine()?.lowercased()
        if answer == "y" || answer == "yes" { return true }
        StandardError.write("Nothing was changed.\n")
        return false
    }
}
