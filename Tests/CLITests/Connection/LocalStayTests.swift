import Clocks
import Engine
import Synchronization
import TestSupport
import Testing

@testable import CLI

/// How long an agent stays up after a deploy on a terminal.
@Suite(.timeLimit(.minutes(1)))
struct LocalStayTests {
    private let clock = VirtualClock(automatic: true)

    @Test func `a signal that came while the run ended is enough`() async throws {
        let cancellation = RunCancellation()
        cancellation.cancel(.interrupt)
        try await LocalDeploy.stayUp(until: cancellation, clock: clock) { false }
    }

    @Test func `a control plane that ends is an error within a second`() async throws {
        let checks = Mutex(0)
        let error = await #expect(throws: StepFailure.self) {
            try await LocalDeploy.stayUp(until: RunCancellation(), clock: clock) {
                checks.withLock { checks in
                    checks += 1
                    return checks == 4
                }
            }
        }
        #expect(error?.code == "LocalPlaneEnded")
        #expect(clock.now.sinceStart == .seconds(3))
    }
}
