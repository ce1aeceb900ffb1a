import ControlPlaneTypes
import TestSupport
import Testing

@testable import Steps

@Suite struct DashboardTests {
    @Test(arguments: [
        ("https://api.host.langchain.com", "https://smith.langchain.com"),
        ("https://eu.api.host.langchain.com", "https://eu.smith.langchain.com"),
        ("https://smith.example.com/api-host", "https://smith.example.com"),
        ("http://localhost:1984/base/api-host", "http://localhost:1984/base"),
    ])
    func `is where the control plane's people look`(controlPlane: String, dashboard: String) throws {
        var deployment = Deployment.sample()
        deployment.tenantID = "t"
        let page = try #require(Dashboard(controlPlane: controlPlane)).url(of: deployment)
        #expect(page == "\(dashboard)/o/t/host/deployments/d")
    }

    @Test(arguments: [
        "http://127.0.0.1:8123", "https://smith.example.com", "nonsense", "https://api.host.langchain.com.evil.test",
    ])
    func `is not guessed`(controlPlane: String) {
        #expect(Dashboard(controlPlane: controlPlane) == nil)
    }

    @Test func `needs the workspace`() throws {
        let dashboard = try #require(Dashboard(controlPlane: "https://api.host.langchain.com"))
        #expect(dashboard.url(of: .sample()) == nil)
    }
}
