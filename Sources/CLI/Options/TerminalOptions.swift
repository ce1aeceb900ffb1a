import ArgumentParser
import FoundationEssentials
import Git

extension ColorChoice: ExpressibleByArgument {}
extension CISelection: ExpressibleByArgument {}

/// How much is said on standard error, and in which dress.
struct TerminalOptions: ParsableArguments {
    enum LogLevel: String, ExpressibleByArgument, CaseIterable, Sendable {
        case debug, info, warning
    }

    @Option(help: "How much to say: debug, info or warning.")
    var logLevel: LogLevel?

    @Option(help: "Colours: auto, always or never.")
    var color: ColorChoice = .auto

    @Option(help: "The CI system to speak to: auto, github, gitlab or none.")
    var ci: CISelection = .auto

    func isVerbose(_ environment: [String: String]) -> Bool {
        logLevel == .debug || (logLevel == nil && environment["RUNNER_DEBUG"] == "1")
    }

    func isCI(_ environment: [String: String]) -> Bool {
        switch ci {
        case .none: false
        case .github, .gitlab: true
        case .auto: environment["GITHUB_ACTIONS"] == "true" || environment["GITLAB_CI"] == "true"
        }
    }
}
