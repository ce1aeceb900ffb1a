import ControlPlaneTypes
import FoundationEssentials
import Testing

@Suite struct ErrorDetailTests {
    private func text(_ body: String) throws -> String? {
        try JSONDecoder().decode(ErrorBody.self, from: Data(body.utf8)).detail?.text
    }

    @Test func `a message, a list of problems and a missing detail are read`() throws {
        #expect(try text(#"{"detail":"Deployment ID 7 not found."}"#) == "Deployment ID 7 not found.")
        let problems = #"{"detail":[{"loc":["body","a",0],"msg":"bad","type":"t"},{"loc":[],"msg":"b","type":"t"}]}"#
        #expect(try text(problems) == "body.a.0: bad; : b")
        #expect(try text("{}") == nil)
        #expect(try text(#"{"detail":null}"#) == nil)
    }

    @Test func `the client reads what the local control plane writes`() throws {
        let problem = ValidationProblem(location: [.key("body"), .index(3)], message: "m", type: "t")
        let body = ErrorBody(detail: .problems([problem]))
        #expect(try text(String(decoding: JSONEncoder().encode(body), as: UTF8.self)) == "body.3: m")
    }
}
