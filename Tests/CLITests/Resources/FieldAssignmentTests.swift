import ControlPlane
import ControlPlaneTypes
import Engine
import Foundation
import JSON
import TestSupport
import Testing

@testable import CLI

@Suite struct FieldAssignmentTests {
    private func body(_ fields: [String]) throws -> String {
        let body = try fields.map { try FieldAssignment($0, isTyped: true) }.reduce(RawJSON.object([])) { body, field in
            body.assigning(field.text.map(FieldAssignment.value) ?? .array([]), at: field.path[...])
        }
        return String(decoding: body.data, as: UTF8.self)
    }

    @Test(arguments: [
        (["a=b"], #"{"a":"b"}"#), (["a=true", "b=false", "c=null"], #"{"a":true,"b":false,"c":null}"#),
        (["a=1.50", "b=-3", "c=1e3"], #"{"a":1.50,"b":-3,"c":1e3}"#),
        (
            ["a=007", "b=1.2.3", "c= 1", "d=", "e=[1]", "f=\"x\""],
            #"{"a":"007","b":"1.2.3","c":" 1","d":"","e":"[1]","f":"\"x\""}"#
        ),
        (["a[b][c]=1", "a[b][d]=2"], #"{"a":{"b":{"c":1,"d":2}}}"#),
        (["a[]=x", "a[]=y"], #"{"a":["x","y"]}"#), (["a[]"], #"{"a":[]}"#),
        (["s[][name]=A", "s[][value]=1", "s[][name]=B"], #"{"s":[{"name":"A","value":1},{"name":"B"}]}"#),
        (["a=b=c"], #"{"a":"b=c"}"#), (["a=1", "a=2"], #"{"a":2}"#),
    ])
    func `fields build a body`(fields: [String], expected: String) throws {
        #expect(try body(fields) == expected)
    }

    @Test(arguments: ["a", "=b", "[]=b", "a[b=c", "a]=b", "[a]=b"])
    func `an invalid field is refused`(field: String) {
        #expect(throws: FieldAssignment.Problem.self) { try FieldAssignment(field, isTyped: true) }
    }

    @Test func `only a typed field reads files`() throws {
        #expect(try FieldAssignment("a=@f", isTyped: true).file == "f")
        #expect(try FieldAssignment("a=@f", isTyped: false).file == nil)
    }

    @Test func `the content of a file is a value without changes`() async throws {
        let fixture = try ResourceFixture()
        let folder = try TemporaryFolder()
        let path = folder.path + "/value"
        try "line\n\"quoted\"".write(toFile: path, atomically: true, encoding: .utf8)
        fixture.stub.on(.post, "/v2/x", .status(204))
        try await fixture.run(
            APICommand.self, ["POST", "/v2/x", "-F", "secrets[][name]=A", "-F", "secrets[][value]=@\(path)"])
        #expect(fixture.sentBody == #"{"secrets":[{"name":"A","value":"line\n\"quoted\""}]}"#)
    }

    @Test(arguments: [
        ["-F", "secrets[][value]=hunter2"], ["-f", "client_secret=x"], ["-F", "url=https://t:p@h"],
        ["-F", "env[A]=x"],
    ])
    func `a secret value on the command line is refused`(arguments: [String]) async throws {
        let fixture = try ResourceFixture()
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(APICommand.self, ["POST", "/v2/x"] + arguments)
        }
        #expect(error?.verdict == .usage)
        #expect(error?.code == "SecretOnCommandLine")
        #expect(fixture.stub.requests.isEmpty)
    }

    @Test(arguments: [["--input", "/nowhere/f"], ["-F", "a=@/nowhere/f"], ["--input", "-"]])
    func `an unusable file is an error`(arguments: [String]) async throws {
        let fixture = try ResourceFixture()
        let error = await #expect(throws: StepFailure.self) {
            try await fixture.run(APICommand.self, ["POST", "/v2/x"] + arguments, input: "{")
        }
        #expect(error?.verdict == .usage)
    }
}
