import Engine
import Testing

@testable import Steps

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
