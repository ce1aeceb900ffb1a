import Engine
import Fleet
import Foundation
import TestSupport
import Testing

@testable import CLI

/// What a fleet needs before anything is sent.
struct FleetSourceTests {
    @Test(
        arguments: [
            (["LANGSMITH_API_KEY_EU": "k"], true), (["LANGSMITH_API_KEY_EU_FILE": "/run/secrets/eu"], true),
            ([:], false),
        ] as [([String: String], Bool)])
    func `a key of a target comes from its variable or from the file that one names`(
        environment: [String: String], isEnough: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/targets.yml"
        try Data(
            """
            version: 1
            name: a
            targets: [{deployment: a, control-plane: "https://eu.example", key-env: LANGSMITH_API_KEY_EU}]
            """.utf8
        ).write(to: URL(filePath: path))
        let load = { try FleetSource(path: path).load(environment) }
        guard !isEnough else {
            #expect(try load().keyVariables == ["LANGSMITH_API_KEY_EU"])
            return
        }
        let error = #expect(throws: StepFailure.self) { try load() }
        #expect(error?.code == "KeysMissing")
    }
}
