import ControlPlaneTypes
import Testing

@testable import CLI

@Suite struct ResourceTableTests {
    @Test(arguments: [DeploymentStatus.ready, .awaitingDatabase, .awaitingFinalDelete])
    func `a list of deployments fits a narrow terminal, whatever their status, and keeps the ids`(
        status: DeploymentStatus
    ) {
        let widths = ResourceTable.deployments.layout.fitted([30, "\(status)".count, 15, 8, 5, 36], into: 60)
        #expect(widths.compactMap(\.self).reduce(2 * (widths.count { $0 != nil } - 1), +) <= 60)
        #expect(widths.last == 36)
    }
}
