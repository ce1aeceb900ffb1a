import Testing
import WorkflowModel

@testable import Fleet

@Suite struct FleetFileTests {
    private static let sound = """
        version: 1
        name: support
        defaults: {source: github, smoke: [/ok, /info], timeout: 30m}
        targets:
          - {deployment: support-canary, labels: {ring: canary}}
          - {deployment: support-eu, control-plane: "https://eu.example", key-env: LANGSMITH_API_KEY_EU,
             labels: {region: eu}, timeout: 1h}
          - {discover: {name-contains: customer-, labels: {ring: customers}}}
        waves:
          - {match: {ring: canary}, bake: 10m}
          - {match: {region: eu}, max-parallel: 50, max-failures: 2, on-failure: rollback-wave}
          - {match: {ring: customers}, max-parallel: 200, max-failures: 1%, strict: false}
        """

    private func problems(_ text: String) -> [String] {
        FleetFile(Array(text.utf8), file: "targets.yml").diagnostics.map {
            "\($0.position.line):\($0.position.column) \($0.message)"
        }
    }

    @Test func `a whole file is read, and targets get the defaults`() throws {
        let file = FleetFile(Array(Self.sound.utf8), file: "targets.yml")
        #expect(file.diagnostics.isEmpty)
        let fleet = try #require(file.fleet)
        #expect(fleet.targets.map(\.name) == ["support-canary", "support-eu"])
        #expect(fleet.targets[0].settings.inputs == ["source": "github", "smoke": "/ok\n/info", "timeout": "30m"])
        #expect(fleet.targets[1].settings.inputs["timeout"] == "1h")
        #expect(
            fleet.targets[1].settings.connection
                == FleetConnection(controlPlane: "https://eu.example", keyVariable: "LANGSMITH_API_KEY_EU"))
        #expect(fleet.discoveries.map(\.nameContains) == ["customer-"])
        #expect(fleet.waves.map(\.name) == ["wave-1", "wave-2", "wave-3"])
        #expect(fleet.waves[0].bake == "10m")
        #expect(fleet.waves[1].maxFailures == .count(2))
        #expect(fleet.waves[1].onFailure == .rollbackWave)
        #expect(fleet.waves[2].maxFailures == .percent(1))
        #expect(!fleet.waves[2].isStrict)
    }

    @Test func `without waves the targets follow one by one`() throws {
        let text = "version: 1\nname: a\ntargets: [{deployment: a}, {deployment: b}]\n"
        let fleet = try #require(FleetFile(Array(text.utf8), file: "t").fleet)
        #expect(fleet.waves.map(\.maxParallel) == [1])
        #expect(fleet.waves.map(\.maxFailures) == [.zero])
    }

    @Test func `all problems are reported at once, with their places`() {
        let text = """
            version: 1
            name: support
            targets:
              - {deployment: a, labels: {ring: canary}}
              - {deployment: a, labels: {ring: canary}}
              - {deployment: b, name: c, labels: {ring: canary}}
              - {deployment: b, name: d, labels: {ring: canary}}
              - {deployment: e, deployment-id: f}
              - {labels: {ring: canary}}
              - {deployment: g, labels: {ring: outer}}
              - {deployment: h, colour: red, timeout: soon, labels: {ring: canary}}
            waves:
              - {match: {ring: canary}, max-failures: 120%}
              - {match: {rign: canary}}
              - {match: {ring: cannary}}
              - {match: {ring: canary}, max-parallel: 0, on-failure: explode}
            """
        #expect(
            problems(text) == [
                "5:5 duplicate target 'a', first in line 4",
                "7:5 targets 'c' and 'd' are one deployment",
                "8:5 the target has several of deployment, deployment-id",
                "9:5 the target names no deployment",
                "10:5 target 'g' is in no wave",
                "11:21 unknown key 'colour' in a target",
                "11:43 invalid duration 'soon' for 'timeout'",
                "13:43 invalid value '120%' for 'max-failures'",
                "14:5 unknown label 'rign' in wave 'wave-2'",
                "15:5 wave 'wave-3' matches no target",
                "16:5 wave 'wave-4' has no targets: earlier waves have all that it matches",
                "16:43 'max-parallel' must be 1…4096, found 0",
                "16:58 invalid value 'explode' for 'on-failure'",
            ])
    }

    @Test func `a wave is not named like a job that is there already`() {
        let found = problems(
            """
            version: 1
            name: f
            targets: [{deployment: a, labels: {r: a}}, {deployment: b, labels: {r: b}}, {deployment: c}]
            waves:
              - {name: commit, match: {r: a}}
              - {name: x, match: {r: b}}
              - {name: x-bake}
            """)
        #expect(found.count == 2)
        #expect(found.first?.contains("the wave 'commit' is named like the job that reads the commit") == true)
        #expect(found.last?.contains("the wave 'x-bake' is named like a job of wave 'x'") == true)
    }

    @Test func `a problem is shown with its line, a caret and what to do`() {
        let text = "version: 1\nname: a\ntargets: [{deployment: a}]\nwaves: [{match: {ring: canary}}]\n"
        #expect(
            FleetFile(Array(text.utf8), file: "targets.yml").text.hasSuffix(
                """
                targets.yml:4:9: error: unknown label 'ring' in wave 'wave-1' [LS025]
                    4 | waves: [{match: {ring: canary}}]
                      |         ^
                hint: no target has labels
                """))
    }

    @Test(arguments: [
        ("EU_KEY", "invalid variable 'EU_KEY' for 'key-env'"),
        ("LANGSMITH_API_KEY_EU_FILE", "invalid variable 'LANGSMITH_API_KEY_EU_FILE' for 'key-env'"),
        ("lsv2_pt-secret", "invalid variable name 'lsv2_pt-secret' for 'key-env'"),
    ])
    func `a key is named by a variable for keys`(variable: String, message: String) {
        let text = "version: 1\nname: a\ntargets:\n  - {deployment: a, key-env: \(variable)}\n"
        #expect(problems(text) == ["4:5 \(message)"])
    }

    @Test func `a key is for one host`() {
        let text = """
            version: 1
            name: a
            targets:
              - {deployment: a, control-plane: "https://one.example/api", key-env: LANGSMITH_API_KEY_A}
              - {deployment: b, control-plane: "https://ONE.example:443/", key-env: LANGSMITH_API_KEY_A}
              - {deployment: c, control-plane: "https://two.example", key-env: LANGSMITH_API_KEY_A}
            """
        #expect(
            problems(text) == [
                "6:5 'LANGSMITH_API_KEY_A' is used for two hosts: https://one.example and https://two.example"
            ])
    }

    @Test func `a file of targets is told from a workflow`() {
        #expect(FleetFile.isFleet(Array(Self.sound.utf8)))
        #expect(FleetFile.isFleet(Array(#"{"version": 1, "targets": []}"#.utf8)))
        #expect(!FleetFile.isFleet(Array("version: 1\njobs: {}\n".utf8)))
        #expect(!FleetFile.isFleet(Array("version: 1\n".utf8)))
    }

    @Test func `four thousand targets are one file`() throws {
        var lines = ["version: 1", "name: many", "targets:"]
        lines += (0..<4000).map {
            "  - {deployment: customer-\($0), deployment-type: prod, labels: {ring: all, zone: z}}"
        }
        let file = FleetFile(Array(lines.joined(separator: "\n").utf8), file: "t")
        #expect(file.diagnostics.isEmpty)
        #expect(file.fleet?.targets.count == 4000)
    }
}
