import ArgumentParser
import ControlPlane
import Testing

@testable import CLI

@Suite struct ConnectionOptionsTests {
    private func timeouts(_ arguments: [String], _ environment: [String: String] = [:]) throws -> RequestTimeouts {
        try ConnectionOptions.parse(arguments).access.requestTimeouts(environment)
    }

    @Test func `the request timeout is the limit for reads and changes, and the flag beats the variable`() throws {
        let variable = ["SLIPWAY_REQUEST_TIMEOUT": "45"]
        #expect(try timeouts([]) == RequestTimeouts())
        #expect(try timeouts([], ["SLIPWAY_REQUEST_TIMEOUT": ""]) == RequestTimeouts())
        #expect(try timeouts([], variable) == RequestTimeouts(both: .seconds(45)))
        #expect(try timeouts(["--request-timeout", "1m30s"], variable) == RequestTimeouts(both: .seconds(90)))
    }

    @Test(
        arguments: [
            (
                "--control-plane", "9f7e9a3e-3c0e-4a36-9a53-6f2f6ad9d0a1",
                " --control-plane http://127.0.0.1:1 --tenant-id "
            ),
            ("LANGGRAPH_HOST_URL", "9f7e9a3e-3c0e-4a36-9a53-6f2f6ad9d0a1", " --tenant-id "),
            ("LANGGRAPH_HOST_URL", nil, ""),
        ] as [(String, String?, String)])
    func `printed commands name what the environment does not`(source: String, flag: String?, flags: String) throws {
        let connection = Connection(
            address: try ControlPlaneAddress("http://127.0.0.1:1", source: source), credentials: .none, isLocal: false,
            workspaceFlag: flag)
        let state = StatePaths(flag: nil, environment: [:])
        #expect(connection.commandFlags(state: state) == flags + (flag ?? ""))
    }

    @Test(arguments: ["soon", "0", "-1", "1e30", "NaN", "inf", "99999999999999999999h", "0s"])
    func `a request timeout that is no duration is refused`(text: String) throws {
        #expect(throws: (any Error).self) { try timeouts(["--request-timeout=" + text]) }
        let error = #expect(throws: ControlPlaneError.self) { try timeouts([], ["SLIPWAY_REQUEST_TIMEOUT": text]) }
        #expect(error?.kind == .configuration)
        #expect(error?.message == "invalid duration in SLIPWAY_REQUEST_TIMEOUT: '\(text)'")
    }
}
