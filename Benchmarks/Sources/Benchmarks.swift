import ArgumentParser
import Glibc

@main
struct BenchmarksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks", abstract: "Measures what the project claims.",
        subcommands: [
            ClientCommand.self, EngineCommand.self, PollingCommand.self, ServeCommand.self, SwarmCommand.self,
        ])
}

/// Numbers with a fixed count of decimal places.
enum Decimals {
    static func text(_ number: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((number * Double(scale)).rounded())
        guard places > 0 else { return "\(scaled)" }
        return "\(scaled / scale)." + "\(scaled % scale + scale)".dropFirst()
    }
}

/// What this process has used so far.
struct ProcessUsage {
    let cpu: Duration
    let peakMegabytes: Double

    static var current: ProcessUsage {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        // Linux counts the peak in KiB.
        return ProcessUsage(
            cpu: .seconds(seconds) + .microseconds(microseconds), peakMegabytes: Double(usage.ru_maxrss) * 1024 / 1e6)
    }
}
