import Clocks
import Fleet
import TestSupport
import Testing
import WorkflowModel

@testable import Export

@Suite struct ExportPlanTests {
    private func plan(
        _ text: String = ExportFixture.text, _ change: (inout ExportRequest) -> Void = { _ in }
    ) throws -> ExportPlan {
        try ExportPlan(try ExportFixture.fleet(text), ExportFixture.request(.gitlab, change))
    }

    @Test func `a wave has no more shards than it deploys targets at a time`() throws {
        let shards = try plan { $0.targetsPerShard = 10 }.waves.map(\.shards)
        // The second is rolled back as a whole. Of 100 customers 5 may fail: 6 at a time, not 10 shards of ten.
        #expect(shards == [1, 1, 6])
        #expect(try plan { $0.discovered = 1000 }.waves.map(\.shards) == [1, 1, 20])
    }

    @Test func `a wave that nothing limits is divided by its size`() throws {
        let request = ExportFixture.request(.gitlab)
        for (count, shards) in [(1, 1), (50, 1), (51, 2), (4000, 80)] {
            let plan = try ExportPlan(try ExportFixture.large(count, parallel: 4000), request)
            #expect(plan.waves.map(\.shards) == [shards])
        }
    }

    @Test func `each wave has the keys of its own targets`() throws {
        let waves = try plan().waves
        #expect(waves.map(\.keyVariables) == [[], ["LANGSMITH_API_KEY_EU"], []])
        #expect(waves.map(\.usesConnectionOfRun) == [true, false, true])
    }

    @Test func `a job has time for each of its targets, the bake and the rest`() throws {
        let waves = try plan { $0.targetsPerShard = 10 }.waves
        #expect(waves.map(\.duration) == [.seconds(4200), .seconds(3600), .seconds(17 * 1800 + 1800)])
        let fast = try plan(ExportFixture.text + "\ndefaults: {timeout: 5m}").waves
        #expect(fast[1].duration == .seconds(300 + 1800))
    }

    @Test func `what does not fit the fleet is refused`() throws {
        #expect(
            throws: ExportProblem(
                "--approve: unknown wave: 4", hint: "use a number from 1 to 3, or one of: canary, eu, customers")
        ) { try plan { $0.approvals = ["canary", "4"] } }
        for name in ["", "a b$c", "{region}"] {
            #expect(throws: ExportProblem.self) { try plan { $0.environment = name } }
        }
    }

    @Test func `a job with more targets than one process deploys is refused`() throws {
        let request = ExportRequest(engine: .argo, file: "t.yml", folder: "o")
        let fleet = try ExportFixture.large(4097, parallel: 10, wave: ", on-failure: rollback-wave")
        #expect(
            throws: ExportProblem(
                "a job of wave 'all' has 4097 targets: at most 4096 are one job",
                hint: "divide the wave: what is rolled back together is one job")
        ) { try ExportPlan(fleet, request) }
        #expect(try ExportPlan(try ExportFixture.large(4097, parallel: 10), request).waves.map(\.shards) == [10])
    }

    @Test func `an export is the same every time`() throws {
        let fleet = try ExportFixture.fleet()
        for engine in ExportEngine.allCases {
            let first = try FleetExport.files(fleet, ExportFixture.request(engine, ExportFixture.divided))
            for _ in 0..<5 {
                #expect(try FleetExport.files(fleet, ExportFixture.request(engine, ExportFixture.divided)) == first)
            }
            #expect(first.allSatisfy { ExportedFile.isGenerated($0.text) })
        }
    }

    @Test func `slugs keep names apart`() {
        #expect(ExportNames.slug("support") == "support")
        let slugs = ["Support", "support!", "s u", "s-u", "ü", "日本", "", String(repeating: "a", count: 80)].map(
            ExportNames.slug)
        #expect(Set(slugs).count == slugs.count)
        #expect(slugs.allSatisfy { !$0.isEmpty && $0.utf8.count <= 40 && !$0.hasSuffix("-") && !$0.hasPrefix("-") })
    }
}
