import ArgumentParser
import ControlPlane
import Dispatch
import Git
import Steps

/// Sets up, beside the parsing of the command line, what a deploy needs a moment later: libgit2 reads the authorities'
/// certificates (3 ms), libcurl sets up TLS (1.5 ms), and the embedded workflow is parsed (2 ms).
enum WarmStart {
    private static let commands: [any ParsableCommand.Type] = [
        DeployCommand.self, PlanCommand.self, RunCommand.self, ResumeCommand.self,
    ]

    /// Nothing waits for it and nothing depends on it: whoever comes first does the work, the other one waits.
    static func begin(for arguments: some Collection<String>) {
        guard let command = arguments.first, commands.contains(where: { $0._commandName == command }),
            !arguments.contains("--help")
        else { return }
        DispatchQueue.global().async { Repository.prepareLibrary() }
        DispatchQueue.global().async {
            CurlTransport.prepareLibrary()
            BuiltinWorkflows.prepare()
        }
    }
}
