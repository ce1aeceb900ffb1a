import ArgumentParser
import ControlPlane
import Engine
import Foundation
import TestSupport
import Testing
import WorkflowModel

@testable import CLI

/// A flag beats the environment, which beats `.slipway.yml`; and what the file alone may not decide.
@Suite(.timeLimit(.minutes(1))) struct EffectiveSettingsTests {
    private static let url = "https://eu.api.host.langchain.com"

    private func settings(_ text: String, _ environment: String? = nil) throws -> ProjectSettings {
        try #require(SettingsParserTests.parse(text).file).select(environment, source: "--environment")
    }

    private func location(
        _ file: String, flags: [String] = [], _ variables: [String: String] = [:]
    ) throws -> ControlPlaneLocation {
        try AccessOptions.parse(flags).location(try settings("control-plane: \(file)"), environment: variables)
    }

    private func address(_ location: ControlPlaneLocation) -> String? {
        if case .remote(let address) = location { "\(address.baseURL) (\(address.source))" } else { nil }
    }

    @Test func `the control plane of the file is the last that is taken`() throws {
        #expect(address(try location(Self.url)) == "\(Self.url) (.slipway.yml line 1)")
        let variable = ["SLIPWAY_CONTROL_PLANE": "https://variable.example"]
        #expect(address(try location(Self.url, variable)) == "https://variable.example (SLIPWAY_CONTROL_PLANE)")
        let endpoint = ["LANGSMITH_ENDPOINT": "https://self.example/api"]
        #expect(address(try location(Self.url, endpoint)) == "https://self.example/api-host (LANGSMITH_ENDPOINT)")
        let flag = try location(Self.url, flags: ["--control-plane", "https://flag.example"], variable)
        #expect(address(flag) == "https://flag.example (--control-plane)")
        #expect(try location("local") == .local)
    }

    @Test(arguments: [
        "https://api.host.langchain.com", "https://aws.api.host.langchain.com", "https://API.host.LangChain.com/",
        "http://127.0.0.1:8000", "http://localhost:1", "local",
    ]) func `known hosts and this machine are trusted`(_ file: String) throws {
        _ = try location(file)
    }

    @Test(arguments: [
        "https://evil.example", "http://api.host.langchain.com", "https://api.host.langchain.com:8443",
        "https://api.host.langchain.com.evil.example", "https://xapi.host.langchain.com", "https://langchain.com",
        "https://api.host.langchain.com.", "https://127.0.0.1.evil.example", "http://localhost.evil.example",
        "https://self.example/api-host",
    ]) func `another host is refused, unless the user trusts it`(_ file: String) throws {
        let error = #expect(throws: ControlPlaneError.self) { try location(file) }
        #expect(error?.kind == .configuration)
        #expect(error?.hint?.contains("SLIPWAY_TRUSTED_CONTROL_PLANES=") == true)
        let origin = try #require(error?.hint?.firstMatch(of: /SLIPWAY_TRUSTED_CONTROL_PLANES=([^ ,]+)/)?.output.1)
        let trusted = ["SLIPWAY_TRUSTED_CONTROL_PLANES": "https://other.example, \(origin)"]
        #expect(address(try location(file, trusted))?.hasPrefix(file) == true)
    }

    @Test(arguments: [
        "\"https://api.host.langchain.com\\\\@evil.example\"", "\"https://evil.example#api.host.langchain.com\"",
        "\"https://api.host.langchain.com%2eevil.example\"", "\"https://evil.example?x=api.host.langchain.com\"",
    ]) func `a URL that parsers may read differently goes nowhere`(_ file: String) throws {
        guard SettingsParserTests.parse("control-plane: \(file)").file != nil else { return }
        #expect(throws: ControlPlaneError.self) { try location(file) }
    }

    @Test func `trusting one port or scheme trusts no other`() {
        let trusted = ["SLIPWAY_TRUSTED_CONTROL_PLANES": "https://self.example"]
        #expect(throws: ControlPlaneError.self) { try location("http://self.example", trusted) }
        #expect(throws: ControlPlaneError.self) { try location("https://self.example:444", trusted) }
    }

    @Test func `the deployment comes from the flag, the variable or the file`() throws {
        let project = try settings("deployment: of-file")
        let variables = ["LANGSMITH_DEPLOYMENT_NAME": "of-variable"]
        func found(_ flag: String?, _ variables: [String: String]) throws -> String? {
            try project.deployment(flag: flag, variables: variables, isEnvironmentFlagged: false)
                .map { "\($0.value) (\($0.source))" }
        }
        #expect(try found("of-flag", variables) == "of-flag (--deployment)")
        #expect(try found(nil, variables) == "of-variable (LANGSMITH_DEPLOYMENT_NAME)")
        #expect(try found(nil, ["LANGSMITH_DEPLOYMENT_NAME": ""]) == "of-file (.slipway.yml line 1)")
    }

    @Test func `a variable that contradicts the flagged environment is refused`() throws {
        let project = try settings("environments: {production: {deployment: of-file}}", "production")
        let variables = ["LANGSMITH_DEPLOYMENT_NAME": "another"]
        let error = #expect(throws: StepFailure.self) {
            try project.deployment(flag: nil, variables: variables, isEnvironmentFlagged: true)
        }
        #expect(error?.code == "ContradictingDeployment")
        let named = try project.deployment(flag: "x", variables: variables, isEnvironmentFlagged: true)
        #expect(named?.value == "x")
    }

    @Test func `the inputs of a deploy have the values of the file where no flag is passed`() throws {
        let project = try settings("deployment: a\nconfig: b/langgraph.json\nsmoke: [/ok, /info]")
        let inputs = try DeployOptions.parse([]).inputs(
            environment: [:], controlPlane: "p", localRepository: nil, project: project)
        #expect(inputs["deployment"]?.string == "a" && inputs["config"]?.string == "b/langgraph.json")
        #expect(inputs["smoke"]?.string == "/ok\n/info")
        let flagged = try DeployOptions.parse(["--deployment", "x", "--config", "y", "--smoke", "/z"]).inputs(
            environment: [:], controlPlane: "p", localRepository: nil, project: project)
        #expect(flagged["deployment"]?.string == "x" && flagged["config"]?.string == "y")
        #expect(flagged["smoke"]?.string == "/z")
    }

    @Test func `a reason is required by deployment, whichever environment is selected`() throws {
        let text = """
            require-reason: [production]
            environments: {staging: {deployment: test}, production: {deployment: main}}
            """
        for environment in [nil, "staging", "production"] {
            let project = try settings(text, environment)
            #expect(project.reasonRequirement(for: "main", isID: false)?.line == 1)
            #expect((project.reasonRequirement(for: "test", isID: false) == nil) == (environment != "production"))
            // An ID may be that of any of them.
            #expect(project.reasonRequirement(for: "x", isID: true) != nil)
        }
        let all = try settings("require-reason: true")
        #expect(all.reasonRequirement(for: "any", isID: false) != nil)
        let relaxed = try settings("require-reason: true\nenvironments: {s: {deployment: test, require-reason: false}}")
        #expect(relaxed.reasonRequirement(for: "test", isID: false) == nil)
        #expect(relaxed.reasonRequirement(for: "other", isID: false) != nil)
        let both = try settings(
            "require-reason: [p]\nenvironments: {p: {deployment: test, require-reason: false}}", "p")
        #expect(both.reasonRequirement(for: "test", isID: false) != nil)
    }

    @Test func `a link that leads out of the repository is refused, and nothing of its target is quoted`() async throws
    {
        let repository = try await GitFixture()
        let secret = repository.folder + "/secret"
        try Data("password hunter2".utf8).write(to: URL(filePath: secret))
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/.slipway.yml", withDestinationPath: secret)
        let error = #expect(throws: StepFailure.self) {
            try SettingsLoader(folder: repository.path).load(try AccessOptions.parse([]), environment: [:])
        }
        #expect(error?.code == "InvalidSettings")
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
    }

    @Test func `the file is that of the repository's root, from any of its folders`() async throws {
        let repository = try await GitFixture()
        try repository.write(".slipway.yml", "deployment: mine\n")
        try repository.write("a/b/.slipway.yml", "deployment: other\n")
        for folder in ["", "/a", "/a/b"] {
            let loaded = try SettingsLoader(folder: repository.path + folder).load(
                try AccessOptions.parse([]), environment: [:])
            #expect(loaded.deployment?.value == "mine")
        }
        #expect(SettingsLoader(folder: repository.folder).path == nil)
        #expect(throws: StepFailure.self) {
            try SettingsLoader(folder: repository.folder).load(
                try AccessOptions.parse(["--environment", "x"]), environment: [:])
        }
    }

    @Test func `a malformed file is an error for every command`() async throws {
        let repository = try await GitFixture()
        try repository.write(".slipway.yml", "deploymnet: mine\n")
        let error = #expect(throws: StepFailure.self) {
            try SettingsLoader(folder: repository.path).load(try AccessOptions.parse([]), environment: [:])
        }
        #expect(error?.verdict == .invalidWorkflow)
    }
}
