import Foundation
import TestSupport
import Testing

/// A reader of standard error or standard output that stops reading, such as a paused terminal, must not hold up a run.
@Suite(.timeLimit(.minutes(2)))
struct StalledReaderTests {
    enum Stream: String, CaseIterable {
        case error, output
        /// Nothing fits into it from the beginning.
        case fullOutput
    }

    /// A step that prints 8 MB, far more than a pipe holds, and then hangs.
    private static let workflow = """
        version: 1
        name: chatty
        jobs:
          test:
            steps:
              - name: Print a lot
                timeout: 3s
                run: |
                  head -c 8388608 /dev/zero | tr '\\0' x | fold -w 99
                  sleep 60
        """

    /// Opens a pipe that nobody reads in place of one stream, and prints the exit code and the seconds it took.
    private static let script = """
        mkfifo pipe
        exec 9<>pipe
        if [ "$stream" = output ]; then
          "$slipway" run workflow.yml --output jsonl >pipe 9>&- &
        elif [ "$stream" = fullOutput ]; then
          head -c 65536 /dev/zero >&9
          "$slipway" run workflow.yml --output json >pipe 2>/dev/null 9>&- &
        else
          "$slipway" run workflow.yml 2>pipe 9>&- &
        fi
        pid=$!
        if [ -n "$signal" ]; then
          for try in $(seq 200); do
            grep -qs '"type":"step.started"' "$SLIPWAY_STATE_DIR"/runs/*/journal.jsonl && break
            sleep 0.05
          done
          sleep 1
          kill -$signal $pid
        fi
        wait $pid
        echo $? $SECONDS
        """

    private func run(_ stream: Stream, signal: String = "") async throws -> (code: Int, seconds: Int, last: String) {
        let sandbox = try await Sandbox()
        let folder = sandbox.repository.folder
        try Data(Self.workflow.utf8).write(to: URL(filePath: folder + "/workflow.yml"))
        let variables = [
            "slipway": Binaries.slipway, "stream": stream.rawValue, "signal": signal,
        ]
        let ending = try await Program(
            environment: sandbox.environment.merging(variables) { $1 }, folder: folder
        ).run("/bin/bash", ["-c", Self.script])
        let numbers = (ending.output.last ?? "").split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 2, "\(ending.output) \(ending.errors)")
        let runs = try FileManager.default.contentsOfDirectory(atPath: sandbox.state + "/runs")
        let run = try #require(runs.first, "\(ending.output) \(ending.errors)")
        let journal = try String(contentsOfFile: "\(sandbox.state)/runs/\(run)/journal.jsonl", encoding: .utf8)
        return (numbers[0], numbers[1], journal.split(separator: "\n").last.map(String.init) ?? "")
    }

    @Test(arguments: Stream.allCases)
    func `a timeout ends the step all the same`(stream: Stream) async throws {
        let ending = try await run(stream)
        #expect(ending.code == 124)
        #expect(ending.seconds < 30)
        #expect(ending.last.contains(#""type":"run.finished""#))
    }

    @Test(arguments: Stream.allCases, [("TERM", 143), ("INT", 130)])
    func `a signal ends the run all the same`(stream: Stream, signal: (name: String, code: Int)) async throws {
        let ending = try await run(stream, signal: signal.name)
        #expect(ending.code == signal.code)
        #expect(ending.seconds < 30)
        #expect(ending.last.contains(#""type":"run.finished""#))
    }
}
