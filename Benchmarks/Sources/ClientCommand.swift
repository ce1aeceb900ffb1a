import ArgumentParser
import Clocks
import ControlPlane
import Glibc
import Redaction

/// Gets one URL again and again through the transport, and prints what that costs.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Requests a second, CPU time and memory of the HTTP client.",
        discussion: "Prints: requests in flight, requests/s, CPU µs/request, peak RSS in MB. See Benchmarks/client.sh.")

    @Argument(help: "A URL on this machine.")
    var url: String

    @Option(help: "How many requests in all.")
    var requests = 30_000

    @Option(help: "How many of them at a time.")
    var inFlight = 64

    @Option(help: "Connections to the host; the transport's own default when left out.")
    var connections: Int?

    func validate() throws {
        guard Origin(ofURL: url)?.isLoopback == true else { throw ValidationError("only loopback is measured") }
        guard 1...1_000_000 ~= requests, 1...10_000 ~= inFlight else { throw ValidationError("out of range") }
    }

    func run() async throws {
        let clock = SystemClock()
        var configuration = CurlConfiguration(version: "benchmark")
        if let connections { configuration.connectionsPerHost = connections }
        let transport = try CurlTransport(configuration, clock: clock)
        _ = try await transport.send(HTTPRequest(.get, url))
        let (start, before) = (clock.now, ProcessUsage.current)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<inFlight {
                let share = requests / inFlight + (worker < requests % inFlight ? 1 : 0)
                group.addTask { try await Self.get(url, times: share, over: transport) }
            }
            try await group.waitForAll()
        }
        let (elapsed, after) = (start.duration(to: clock.now), ProcessUsage.current)
        let cpu = (after.cpu - before.cpu).seconds / Double(requests) * 1e6
        let rate = Double(requests) / elapsed.seconds
        print(
            inFlight, Decimals.text(rate, places: 0), Decimals.text(cpu, places: 1),
            Decimals.text(after.peakMegabytes, places: 1))
    }

    private static func get(_ url: String, times: Int, over transport: CurlTransport) async throws {
        for _ in 0..<times {
            let response = try await transport.send(HTTPRequest(.get, url))
            guard response.status == 200, !response.body.isEmpty else {
                throw ValidationError("HTTP \(response.status) from \(url)")
            }
        }
    }
}
