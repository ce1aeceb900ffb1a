import ControlPlane
import Engine
import FoundationEssentials
import Redaction
import Steps
import TestSupport
import Testing

@testable import CLI

/// Which key a step's own control plane gets.
@Suite struct StepConnectionsTests {
    private static let tenant = "11111111-0000-4000-8000-000000000000"

    private func connections(
        isLocal: Bool = false, _ variables: [String: String] = [:], _ body: (StepConnections) throws -> Void
    ) throws {
        let environment = ["LANGSMITH_API_KEY_EU": "key-of-eu", "GITHUB_TOKEN": "a-token"].merging(variables) { $1 }
        let dependencies = Dependencies(environment: environment, clock: VirtualClock(), jitter: { 0.5 })
        let run = Connection(
            address: try ControlPlaneAddress("https://us.example/api-host", source: "--control-plane"),
            credentials: try Credentials(apiKey: "key-of-run", source: "LANGSMITH_API_KEY"), isLocal: isLocal)
        let transports = try dependencies.transport { _ in }
        defer { transports.plain.shutDown() }
        try body(StepConnections(of: run, transports, dependencies))
    }

    private func step(_ plane: String? = nil, tenant: String? = nil, key: String? = nil) -> StepConnection {
        var step = StepConnection()
        (step.controlPlane, step.tenantID, step.keyVariable) = (plane, tenant, key)
        return step
    }

    @Test(arguments: ["https://us.example/api-host", "https://US.example:443/api-host/"])
    func `the control plane of the run is used as it is, however it is written`(address: String) throws {
        try connections { connections in
            let plane = try connections.plane(of: step(address))
            #expect(plane == nil)
        }
    }

    @Test func `another workspace on the host of the run gets the key of the run`() throws {
        try connections { connections in
            let plane = try connections.plane(of: step(tenant: Self.tenant))
            #expect(plane?.key.reveal() == "key-of-run")
            #expect(plane?.url == "https://us.example/api-host")
        }
    }

    @Test func `another host gets the key in the variable that is named for it, and no other`() throws {
        try connections { connections in
            let plane = try connections.plane(of: step("https://eu.example", key: "LANGSMITH_API_KEY_EU"))
            #expect(plane?.key.reveal() == "key-of-eu")
            for (wrong, message) in [
                (step("https://eu.example"), "no API key for https://eu.example"),
                (step("https://us.example:8443/api-host"), "no API key for https://us.example:8443/api-host"),
                (step("http://us.example/api-host"), "no API key for http://us.example/api-host"),
                (step("https://eu.example", key: "GITHUB_TOKEN"), "invalid api-key-variable: 'GITHUB_TOKEN'"),
                (step("https://eu.example", key: "LANGSMITH_API_KEY_FILE"), "invalid api-key-variable"),
                (step("https://eu.example", key: "LANGSMITH_API_KEY_EU_FILE"), "invalid api-key-variable"),
                (step("https://eu.example", key: "LANGSMITH_API_KEY_ASIA"), "LANGSMITH_API_KEY_ASIA is not set"),
                (step("https://user:pass@eu.example", key: "LANGSMITH_API_KEY_EU"), "contains a user name"),
                (step(tenant: "nobody"), "invalid workspace ID in tenant-id"),
            ] {
                let error = #expect(throws: ControlPlaneError.self) { try connections.plane(of: wrong) }
                #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
                #expect(error?.message.contains("key-of-") == false)
            }
        }
    }

    @Test func `the key may be in a file that is replaced during the run`() throws {
        let file = try TemporaryFolder().path + "-key"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("first-key\n".utf8).write(to: URL(filePath: file))
        try connections(["LANGSMITH_API_KEY_ASIA_FILE": file]) { connections in
            let asia = step("https://asia.example", key: "LANGSMITH_API_KEY_ASIA")
            let plane = try #require(try connections.plane(of: asia))
            #expect(plane.key.reveal() == "first-key")
            #expect(plane.client.keySource == "LANGSMITH_API_KEY_ASIA_FILE")
            #expect(plane.client.renewKey() == nil)
            try Data("second-key".utf8).write(to: URL(filePath: file))
            #expect(plane.client.renewKey()?.reveal() == "second-key")
            #expect(
                plane.commands.runnable("slipway status")
                    == "slipway status --control-plane https://asia.example --api-key-file "
                    + "\"$LANGSMITH_API_KEY_ASIA_FILE\"")
        }
        try connections(["LANGSMITH_API_KEY_ASIA_FILE": file + "-missing"]) { connections in
            let asia = step("https://asia.example", key: "LANGSMITH_API_KEY_ASIA")
            let error = #expect(throws: ControlPlaneError.self) { try connections.plane(of: asia) }
            #expect(error?.message.contains("LANGSMITH_API_KEY_ASIA_FILE") == true)
        }
    }

    @Test func `commands in hints get what reaches the control plane of the step`() throws {
        try connections { connections in
            for (step, command) in [
                (
                    step("https://eu.example", key: "LANGSMITH_API_KEY_EU"),
                    "LANGSMITH_API_KEY=\"$LANGSMITH_API_KEY_EU\" slipway status --control-plane https://eu.example"
                ),
                (
                    step(tenant: Self.tenant),
                    "slipway status --control-plane https://us.example/api-host --tenant-id \(Self.tenant)"
                ),
            ] {
                let plane = try connections.plane(of: step)
                #expect(plane?.commands.runnable("slipway status") == command)
            }
        }
    }

    @Test func `local means the local control plane of the run, and nothing else`() throws {
        try connections(isLocal: true) { connections in
            let plane = try connections.plane(of: step("local"))
            #expect(plane == nil)
        }
        try connections { connections in
            #expect(throws: ControlPlaneError.self) { try connections.plane(of: step("local")) }
        }
    }
}
