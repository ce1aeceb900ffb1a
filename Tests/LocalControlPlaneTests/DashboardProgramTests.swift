import Testing

@testable import LocalControlPlane

struct DashboardProgramTests {
    @Test func `secrets are long and different`() {
        let texts = Set((0..<100).map { _ in Unguessable.text() })
        #expect(texts.count == 100)
        #expect(texts.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }
}
