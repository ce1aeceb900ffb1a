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

    /// The CI system that shows what is printed, if one does.
    func ciProvider(_ environment: [String: String]) -> CIProvider? {
        switch ci {
        case .none: nil
        case .github: .github
        case .gitlab: .gitlab
        case .auto where environment["GITHUB_ACTIONS"] == "true": .github
        case .auto where environment["GITLAB_CI"] == "true": .gitlab
        case .auto: nil
        }
    }

    func isCI(_ environment: [String: String]) -> Bool { ciProvider(environment) != nil }
}
