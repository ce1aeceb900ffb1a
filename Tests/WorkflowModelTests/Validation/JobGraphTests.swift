import Testing
import WorkflowModel

@Suite struct JobGraphTests {
    private func graph(_ needs: [(String, [String])]) -> JobGraph {
        JobGraph(needs.map { Job(id: $0.0, needs: $0.1, steps: []) })
    }

    @Test func `jobs come after those they need, otherwise as in the file`() {
        #expect(graph([("c", ["a", "b"]), ("a", []), ("b", ["a"]), ("d", [])]).order == ["a", "d", "b", "c"])
    }

    @Test(
        arguments: [
            ([("a", ["a"])], [["a"]]), ([("a", ["b"]), ("b", ["a"])], [["a", "b"]]),
            ([("x", ["b"]), ("a", ["c"]), ("b", ["a"]), ("c", ["b"])], [["a", "c", "b"]]),
            ([("a", ["a"]), ("b", ["c"]), ("c", ["b"])], [["a"], ["b", "c"]]),
            ([("a", ["nothing"]), ("b", ["a"])], []),
        ] as [([(String, [String])], [[String]])])
    func `every cycle is found once, beginning with its first job`(needs: [(String, [String])], cycles: [[String]]) {
        #expect(graph(needs).cycles == cycles)
    }

    @Test func `a chain of many jobs needs no deep stack`() {
        let chain = (0..<20_000).map { ("\($0)", $0 == 0 ? [] : ["\($0 - 1)"]) }
        #expect(graph(chain).order.count == 20_000)
        #expect(graph([("0", ["19999"])] + chain.dropFirst()).cycles.first?.count == 20_000)
    }
}
