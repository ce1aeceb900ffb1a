import ArgumentParser
import ControlPlane
import Dispatch
import Engine
import Git
import Steps

/// Sets up, beside the parsing of the command line, what a deploy needs a moment later: libcurl sets up TLS (1.5 ms), the
/// embedded workflow is parsed (2 ms), libgit2 starts, and a first event is encoded (half a millisecond each).
enum WarmStart {
    private static let commands: [any ParsableCommand.Type] = [
        DeployCommand.self, PlanCommand.self, RunCommand.self, ResumeCommand.self,
    ]

    /// Nothing waits for it and nothing depends on it: whoever comes first does the work, the other one waits.
    static func begin(for arguments: some Collection<String>) {
        guard let command = arguments.first, commands.contains(where: { $0._commandName == command }),
            !arguments.contains("--help")
        else { return }
        DispatchQueue.global().async {
            RunEvent.prepareCoding()
            Repository.prepareLibrary()
        }
        DispatchQueue.global().async {
            CurlTransport.prepareLibrary()
            BuiltinWorkflows.prepare()
        }
    }
}
