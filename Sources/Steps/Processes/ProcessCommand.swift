/// A program to run, and all that it gets.
package struct ProcessCommand: Sendable, Equatable {
    /// A path, or a name to be looked up in PATH.
    package var program: String
    package var arguments: [String]
    /// The whole environment; nothing is inherited besides.
    package var environment: [String: String]
    /// Nil for the folder of the run.
    package var workingDirectory: String?

    package init(
        _ program: String, _ arguments: [String], environment: [String: String], workingDirectory: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}
