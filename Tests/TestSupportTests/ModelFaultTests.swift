import Clocks
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@Suite struct ModelFaultTests {
    private let clock = VirtualClock(automatic: true)
    private let plane: ModelControlPlane

    init() {
        plane = ModelControlPlane(clock: clock)
        plane.world { $0.addDeployment(commits: ["c0"]) }
    }

    /// Sends a request that makes a revision; answers how many there are then.
    private func revisions(after fault: ModelFault) async throws -> (count: Int, outcome: Result<Int, TransportError>) {
        plane.faults { $0.add("POST *", fault) }
        let (id, key) = plane.world { ($0.deployments.first?.id, $0.key) }
        var request = HTTPRequest(
            .post, "\(ModelControlPlane.url)/v2/deployments/\(try #require(id))/revisions",
            headers: [HTTPHeader("X-Api-Key", key)], body: .bytes(.init("{}".utf8)))
        request.endpoint = "POST somewhere"
        var outcome: Result<Int, TransportError>
        do {
            outcome = .success(try await plane.send(request).status)
        } catch let error as TransportError {
            outcome = .failure(error)
        }
        return (plane.world { $0.deployments.first?.revisions.count ?? 0 }, outcome)
    }

    @Test(arguments: [ModelFault.refused, .lostBefore, .timeout(processed: false), .status(503), .html])
    func `what does not reach the plane changes nothing`(fault: ModelFault) async throws {
        #expect(try await revisions(after: fault).count == 1)
    }

    @Test(arguments: [ModelFault.lostAfter, .timeout(processed: true), .statusAfter(504), .truncated])
    func `what loses only the answer has changed something`(fault: ModelFault) async throws {
        #expect(try await revisions(after: fault).count == 2)
    }

    @Test(arguments: [
        (ModelFault.refused, false), (.lostBefore, true), (.lostAfter, true), (.timeout(processed: false), true),
    ])
    func `only a refused connection is certain`(fault: ModelFault, mayHaveBeenProcessed: Bool) async throws {
        guard case .failure(let error) = try await revisions(after: fault).outcome else {
            Issue.record("there was an answer")
            return
        }
        #expect(error.mayHaveBeenProcessed == mayHaveBeenProcessed)
    }

    @Test func `a timeout takes as long as the client waits`() async throws {
        _ = try await revisions(after: .timeout(processed: true))
        #expect(clock.now.sinceStart == HTTPLimits().unanswered)
    }

    @Test func `a rule waits for its turn and its time, and ends`() async throws {
        plane.faults { $0.add("GET /b*", .status(418), after: 1, times: 2, from: .seconds(10)) }
        var seen: [Int] = []
        for _ in 0..<6 {
            var request = HTTPRequest(.get, "\(ModelControlPlane.url)/nowhere")
            request.endpoint = "GET /branches"
            seen.append(try await plane.send(request).status)
            clock.advance(by: .seconds(5))
        }
        #expect(seen == [401, 401, 401, 418, 418, 401])
        #expect(plane.arrivals.map(\.fault) == [nil, nil, nil, .status(418), .status(418), nil])
    }

    @Test func `chance is the seed's`() async throws {
        func fates(seed: UInt64) async throws -> [ModelFault?] {
            let plane = ModelControlPlane(clock: VirtualClock(automatic: true))
            plane.faults {
                $0.chance = .init(
                    random: SplitMix64(seed: seed), probability: 0.5, kinds: [.status(500), .truncated],
                    until: .seconds(60))
            }
            for _ in 0..<20 { _ = try await plane.send(HTTPRequest(.get, "\(ModelControlPlane.url)/x")) }
            return plane.arrivals.map(\.fault)
        }
        #expect(try await fates(seed: 1) == fates(seed: 1))
        #expect(try await fates(seed: 1) != fates(seed: 2))
    }

    @Test func `a request whose deadline has passed does not leave`() async throws {
        let request = HTTPRequest(.get, "\(ModelControlPlane.url)/x", deadline: clock.now)
        await #expect(throws: TransportError.self) { try await plane.send(request) }
        #expect(plane.arrivals.isEmpty)
    }
}
