import Testing

@testable import LocalControlPlane

struct LatchTests {
    @Test func `all that wait get the first value, early and late`() async throws {
        let latch = Latch<Int>()
        async let first = latch.value()
        async let second = latch.value()
        #expect(latch.current == nil)
        latch.open(with: 1)
        latch.open(with: 2)
        #expect(try await [first, second, latch.value()] == [1, 1, 1])
        #expect(latch.current == 1)
    }

    @Test func `a cancelled wait ends`() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await Latch<Int>().value() }
            }
            group.cancelAll()
        }
    }
}
