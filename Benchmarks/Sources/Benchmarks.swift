import ArgumentParser

@main
struct BenchmarksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks", abstract: "Measures what the project claims.",
        subcommands: [ClientCommand.self, EngineCommand.self, FuzzCommand.self, PollingCommand.self])
}
