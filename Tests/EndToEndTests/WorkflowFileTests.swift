import Foundation
import TestSupport
import Testing

/// Workflow files, run by the built binary.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WorkflowFileTests {
    private func write(_ text: String, in sandbox: Sandbox) throws -> String {
        let path = sandbox.repository.folder + "/workflow.yml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test func `jobs, rows of a matrix and scripts run, and outputs travel`() async throws {
        let sandbox = try await Sandbox()
        let sha = try await sandbox.commit("First")
        let path = try write(
            """
            version: 1
            name: try
            inputs:
              word: {type: string, required: true, description: a word}
            jobs:
              rows:
                strategy: {matrix: {number: ["1", "2"]}}
                steps:
                  - id: say
                    env: {NUMBER: "${{ matrix.number }}", WORD: "${{ inputs.word }}"}
                    run: |
                      test -z "$LANGSMITH_API_KEY"
                      echo "said=$WORD-$NUMBER" >> "$SLIPWAY_OUTPUT"
                outputs: {said: "${{ steps.say.outputs.said }}"}
              after:
                needs: rows
                steps:
                  - run: [sh, -c, 'test "$1" = "$2" && test "$3" = "$4"', sh,
                      "${{ needs.rows.outputs.said }}", hello-2, "${{ git.sha }}", "\(sha)"]
            """, in: sandbox)
        let ending = try await sandbox.slipway(
            "run", path, "--input", "word=hello", "--json", sandbox.report,
            environment: ["LANGSMITH_API_KEY": "a-key-for-nobody"])
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try sandbox.readReport().result == "success")
        #expect(!ending.errors.contains("a-key-for-nobody"))
    }

    @Test func `a file with problems is told whole, and nothing is run`() async throws {
        let sandbox = try await Sandbox()
        let path = try write(
            "version: 1\nname: bad\njobs:\n  a:\n    needs: [b]\n    stepz: []\n    steps:\n      - uses: wiat\n",
            in: sandbox)
        let validated = try await sandbox.slipway("validate", path)
        #expect(validated.code == 65)
        let text = validated.output.joined(separator: "\n")
        for place in ["workflow.yml:5:", "workflow.yml:6:", "workflow.yml:8:"] {
            #expect(text.contains(place), "\(text)")
        }
        let ran = try await sandbox.slipway("run", path, environment: ["LANGSMITH_API_KEY": "k"])
        #expect(ran.code == 65)
        #expect(ran.errors.contains("nothing was run"))
    }

    @Test func `a file that cannot be read does not hide the problems of the others`() async throws {
        let sandbox = try await Sandbox()
        let bad = try write("version: 1\nname: bad\njobs: {}\n", in: sandbox)
        let missing = sandbox.repository.folder + "/missing.yml"
        let ending = try await sandbox.slipway("validate", missing, bad, "--output", "json")
        #expect(ending.code == 64, "\(ending.errors)")
        #expect(ending.errors.contains("cannot be read"))
        struct Entry: Decodable, Equatable {
            var code: String
            var file: String
            var line: Int
        }
        let text = ending.output.joined(separator: "\n")
        #expect(
            try JSONDecoder().decode([Entry].self, from: Data(text.utf8)) == [
                Entry(code: "LS001", file: missing, line: 1), Entry(code: "LS007", file: bad, line: 3),
            ])
    }

    @Test func `a run that came to its end is told again, without its secrets`() async throws {
        let sandbox = try await Sandbox()
        let path = try write(
            """
            version: 1
            name: done
            jobs: {a: {steps: [{run: exit 3, env: {T: "${{ secrets.TOKEN_OF_TEST }}"}}]}}
            """, in: sandbox)
        try await sandbox.commit("First")
        let ran = try await sandbox.slipway(
            "run", path, environment: ["TOKEN_OF_TEST": "a-token"])
        #expect(ran.code == 1, "\(ran.errors)")
        let run = try #require(ran.errors.firstMatch(of: /run ([0-9]+-[0-9a-z]+),/)?.1)
        let resumed = try await sandbox.slipway("resume", String(run))
        #expect(resumed.code == 1, "\(resumed.errors)")
        #expect(resumed.errors.contains("run \(run) came to its end: there is nothing to resume"))
        #expect(resumed.output == ran.output)
    }

    @Test func `a failing script is explained and later jobs are skipped`() async throws {
        let sandbox = try await Sandbox()
        let path = try write(
            """
            version: 1
            name: fails
            jobs:
              first: {steps: [{run: "echo what went wrong; exit 3"}]}
              second: {needs: first, steps: [{run: "touch ../never"}]}
            """, in: sandbox)
        try await sandbox.commit("First")
        let ending = try await sandbox.slipway("run", path, environment: ["LANGSMITH_API_KEY": "k"])
        #expect(ending.code == 1)
        #expect(ending.errors.contains("what went wrong"), "\(ending.errors)")
        #expect(!FileManager.default.fileExists(atPath: sandbox.repository.folder + "/never"))
    }
}
