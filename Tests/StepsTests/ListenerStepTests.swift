import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import TestSupport
import Testing
import WorkflowModel

@testable import Steps

@Suite struct ListenerStepTests {
    private static let path = "/v2/listeners"

    private func trial(_ with: [String: Value] = [:]) -> StepHarness {
        StepHarness("listener", ["compute-id": "eu", "namespaces": .list(["a", "b"])].merging(with) { $1 })
    }

    private func listeners(_ namespaces: [String]?) -> StubReply {
        let list = namespaces.map { "[\($0.map { "\"\($0)\"" }.joined(separator: ", "))]" } ?? "null"
        return .json(
            """
            {"offset": 1, "resources": [
              {"id": "us-1", "compute_type": "k8s", "compute_id": "us", "compute_config": {"k8s_namespaces": ["z"]}},
              {"id": "eu-1", "compute_type": "k8s", "compute_id": "eu", "compute_config": {"k8s_namespaces": \(list)}}
            ]}
            """)
    }

    private let none = StubReply.json(#"{"offset": 0, "resources": []}"#)

    private func sent(_ trial: StepHarness) throws -> JSONValue? {
        guard case .bytes(let body)? = trial.plane.requests.first(where: { $0.method != .get })?.body else {
            return nil
        }
        return try JSONDecoder().decode(JSONValue.self, from: body)
    }

    @Test func `one that serves the namespaces is left alone`() async throws {
        let trial = trial()
        trial.plane.on(.get, Self.path, listeners(["b", "c", "a"]))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["listener-id": "eu-1", "changed": false])
        trial.plane.expectAllUsed()
    }

    @Test func `where there is none it is made`() async throws {
        let trial = trial()
        trial.plane.on(.get, Self.path, none, listeners(["a", "b"]))
        trial.plane.on(.post, Self.path, .json("{}", status: 201))
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.outputs == ["listener-id": "eu-1", "changed": true])
        let config = JSONValue.object(["k8s_namespaces": .array([.string("a"), .string("b")])])
        #expect(
            try sent(trial)
                == .object(["compute_type": .string("k8s"), "compute_id": .string("eu"), "compute_config": config]))
        trial.plane.expectAllUsed()
    }

    @Test func `missing namespaces are added to what it has`() async throws {
        let trial = trial()
        trial.plane.on(.get, Self.path, listeners(["c", "a"]), listeners(["c", "a", "b"]))
        trial.plane.on(.patch, "/v2/listeners/eu-1", .json("{}"))
        #expect(try await trial.run().verdict == .success)
        let config = JSONValue.object(["k8s_namespaces": .array([.string("c"), .string("a"), .string("b")])])
        #expect(try sent(trial) == .object(["compute_config": config]))
        trial.plane.expectAllUsed()
    }

    @Test(arguments: [.fails(.connectionLost), .json(#"{"detail": "exists"}"#, status: 409)] as [StubReply])
    func `after a lost answer, or when somebody was faster, it looks`(reply: StubReply) async throws {
        let trial = trial()
        trial.plane.on(.get, Self.path, none, listeners(["a", "b"]))
        trial.plane.on(.post, Self.path, reply)
        let result = try await trial.run()
        #expect(result.verdict == .success, result.story)
        #expect(result.notes(.warning).count == 1)
        trial.plane.expectAllUsed()
    }

    @Test func `a plan without listeners is told`() async throws {
        let trial = trial()
        trial.plane.on(.get, Self.path, none)
        trial.plane.on(.post, Self.path, .json(#"{"detail": "only for enterprise plans"}"#, status: 403))
        let result = try await trial.run()
        #expect(result.verdict == .notAuthorised, result.story)
        #expect(result.failure?.message.contains("enterprise") == true)
    }

    @Test func `one that never gets its namespaces is not changed for ever`() async throws {
        let trial = trial()
        trial.plane.onEvery(.get, Self.path, listeners(nil))
        trial.plane.onEvery(.patch, "/v2/listeners/eu-1", .json("{}"))
        #expect(try await trial.run().failure?.code == "ListenerNotAsWanted")
    }

    @Test func `the second page is read too`() async throws {
        let trial = trial()
        let others = (0..<100).map {
            #"{"id": "\#($0)", "compute_id": "us-\#($0)", "compute_config": {}}"#
        }.joined(separator: ",")
        trial.plane.on(.get, "/v2/listeners?limit=100&offset=0", .json(#"{"resources": [\#(others)]}"#))
        trial.plane.on(.get, "/v2/listeners?limit=100&offset=100", listeners(["a", "b"]))
        #expect(try await trial.run().verdict == .success)
        trial.plane.expectAllUsed()
    }

    @Test(arguments: ["not json", "{}"]) func `an answer that is no list is told`(body: String) async throws {
        let trial = trial()
        trial.plane.onEvery(.get, Self.path, .json(body))
        #expect(try await trial.run().failure?.code == "UndecodableAnswer")
    }

    @Test(arguments: [["compute-id": ""], ["namespaces": .list([])], ["namespaces": .list([""])]] as [[String: Value]])
    func `what is refused before a request`(with: [String: Value]) async throws {
        #expect(try await trial(with).run().verdict == .invalidWorkflow)
    }
}

@Suite struct ListenerChoiceTests {
    private func listener(_ id: String, _ namespaces: [String]) -> Listener {
        Listener(id: id, computeID: "cluster-\(id)", computeConfig: .init(namespaces: namespaces))
    }

    private func choose(
        _ listeners: [Listener]?, id: String? = nil, namespace: String? = nil
    ) throws -> ListenerChoice {
        try ListenerChoice.decide(listeners, askedID: id, askedNamespace: namespace)
    }

    private func refusal(_ choice: () throws -> ListenerChoice) -> StepFailure? {
        #expect(throws: StepFailure.self) { try choice() }
    }

    @Test func `the only listener and its only namespace are taken`() throws {
        #expect(try choose([listener("a", ["n"])]) == ListenerChoice(listenerID: "a", namespace: "n"))
    }

    @Test func `a workspace without listeners needs none`() throws {
        #expect(try choose([]) == ListenerChoice())
        #expect(refusal { try choose([], id: "a") }?.code == "NoListeners")
    }

    @Test func `where listeners cannot be listed, what is asked for is passed on`() throws {
        #expect(try choose(nil, id: "a", namespace: "n") == ListenerChoice(listenerID: "a", namespace: "n"))
    }

    @Test func `several are asked for by name, with the candidates`() throws {
        let listeners = [listener("a", ["n"]), listener("b", ["n", "m"])]
        let refused = refusal { try choose(listeners) }
        #expect(refused?.code == "ListenerAmbiguous")
        #expect(refused?.message.contains("a (cluster-a: n); b (cluster-b: n, m)") == true)
        #expect(try choose(listeners, id: "B", namespace: "m") == ListenerChoice(listenerID: "b", namespace: "m"))
        #expect(try choose(listeners, namespace: "m") == ListenerChoice(listenerID: "b", namespace: "m"))
        #expect(refusal { try choose(listeners, namespace: "n") }?.code == "ListenerAmbiguous")
    }

    @Test func `several namespaces are asked for by name, with the candidates`() throws {
        let refused = refusal { try choose([listener("a", ["n", "m"])]) }
        #expect(refused?.code == "NamespaceAmbiguous")
        #expect(refused?.message.contains("n, m") == true)
        #expect(refusal { try choose([listener("a", [])]) }?.code == "NamespaceAmbiguous")
        #expect(try choose([listener("a", [])], namespace: "x").namespace == "x")
    }

    @Test func `what is not there is refused`() {
        #expect(refusal { try choose([listener("a", ["n"])], id: "z") }?.code == "UnknownListener")
        #expect(refusal { try choose([listener("a", ["n"])], namespace: "z") }?.code == "UnknownNamespace")
    }
}
