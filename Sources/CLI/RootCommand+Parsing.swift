import ArgumentParser

extension RootCommand {
    /// The command that the arguments behind the program's name stand for.
    ///
    /// A subcommand without subcommands of its own is asked first. ArgumentParser works out a command's options twice
    /// more when it comes to it from above, which is a twentieth of a deploy. What such a command does not take, help
    /// and the version among it, is for the whole program's parser to answer, which knows the names of both.
    ///
    /// Throws what ArgumentParser throws.
    static func read(_ arguments: [String]) throws -> any ParsableCommand {
        let named = configuration.subcommands.first { $0._commandName == arguments.first }
        if let named, named.configuration.subcommands.isEmpty,
            let command = try? named.parseAsRoot(Array(arguments.dropFirst())), type(of: command) == named
        {
            return command
        }
        return try parseAsRoot(arguments)
    }
}
