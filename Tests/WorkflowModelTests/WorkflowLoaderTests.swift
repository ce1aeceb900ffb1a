import Testing
import WorkflowModel

@Suite struct WorkflowLoaderTests {
    private static func load(_ files: [String: String], name: String? = nil) -> WorkflowLoader.Loaded {
        let loader = WorkflowLoader(
            signatures: [StepSignature(uses: "run", summary: "")],
            read: { path throws(WorkflowLoader.Unreadable) in
                guard let text = files[path] else { throw .init(reason: "No such file or directory") }
                return Array(text.utf8)
            })
        return loader.load(Array((files["main"] ?? "").utf8), file: "main.yml", name: name)
    }

    private static func file(uses: String, with: String = "{}") -> String {
        """
        version: 1
        name: w
        jobs:
          j:
            steps:
              - id: s
                uses: \(uses)
                with: \(with)
        """
    }

    private static let leaf = """
        version: 1
        name: leaf
        inputs: {word: {required: true}}
        outputs: {said: "${{ needs.j.outputs.said }}"}
        jobs: {j: {outputs: {said: "${{ inputs.word }}"}, steps: [{run: "true"}]}}
        """

    private static func problems(_ loaded: WorkflowLoader.Loaded) -> [String] {
        loaded.diagnostics.map { "\($0.position.file):\($0.position.line):\($0.position.column): \($0.message)" }
    }

    @Test func `a file that a step uses is read, and its inputs are known`() {
        let loaded = Self.load(["main": Self.file(uses: "./leaf.yml", with: "{word: x}"), "./leaf.yml": Self.leaf])
        #expect(Self.problems(loaded) == [])
        #expect(loaded.workflow?.jobs[0].steps[0].uses == "./leaf.yml")
        #expect(loaded.files["./leaf.yml"]?.name == "leaf")
        #expect(loaded.texts.keys.sorted() == ["./leaf.yml"])
    }

    @Test func `inputs it does not have and such it needs are told where they are used`() {
        let loaded = Self.load(["main": Self.file(uses: "./leaf.yml", with: "{wrod: x}"), "./leaf.yml": Self.leaf])
        #expect(
            Self.problems(loaded) == [
                "main.yml:7:15: missing input 'word' of './leaf.yml'",
                "main.yml:8:16: unknown input 'wrod' of './leaf.yml'",
            ])
        // Nothing describes 'word'.
        #expect(loaded.diagnostics.first?.hint == nil)
        #expect(loaded.workflow == nil)
    }

    @Test func `an output it does not have is told`() {
        let main =
            Self.file(uses: "./leaf.yml", with: "{word: x}")
            + "\n      - run: [echo, \"${{ steps.s.outputs.siad }}\"]\n"
        let loaded = Self.load(["main": main, "./leaf.yml": Self.leaf])
        #expect(Self.problems(loaded) == ["main.yml:9:26: step 's' has no output 'siad'"])
    }

    @Test func `paths are relative to the file that uses them`() {
        let loaded = Self.load([
            "main": Self.file(uses: "./sub/a.yml"), "./sub/a.yml": Self.file(uses: "./b.yml", with: "{word: x}"),
            "./sub/b.yml": Self.leaf,
        ])
        #expect(Self.problems(loaded) == [])
        #expect(loaded.files["./sub/a.yml"]?.jobs[0].steps[0].uses == "./sub/b.yml")
        #expect(loaded.files.keys.sorted() == ["./sub/a.yml", "./sub/b.yml"])
    }

    @Test func `problems in a used file are told in that file, and once`() {
        let main = Self.file(uses: "./a.yml") + "\n      - uses: ./a.yml\n"
        let loaded = Self.load(["main": main, "./a.yml": "version: 1\nname: a\njobs: {j: {stesp: []}}\n"])
        #expect(Self.problems(loaded).allSatisfy { $0.hasPrefix("./a.yml:3:") })
        #expect(Self.problems(loaded).contains("./a.yml:3:12: unknown key 'stesp' in a job"))
        #expect(Set(Self.problems(loaded)).count == loaded.diagnostics.count)
        #expect(loaded.workflow == nil)
    }

    @Test func `a file that is not there is told where it is used`() {
        #expect(
            Self.problems(Self.load(["main": Self.file(uses: "./a.yml")])) == [
                "main.yml:7:15: cannot read workflow file ./a.yml: No such file or directory"
            ])
    }

    @Test func `a circle through the first file is told once, without reading it again`() {
        let loaded = Self.load(
            ["main": Self.file(uses: "./a.yml"), "./a.yml": Self.file(uses: "./main.yml")], name: "./main.yml")
        #expect(
            Self.problems(loaded) == [
                "./a.yml:7:15: workflow files form a cycle: ./main.yml → ./a.yml → ./main.yml"
            ])
    }

    @Test func `files that use one another in a circle are refused`() {
        let loaded = Self.load([
            "main": Self.file(uses: "./a.yml"), "./a.yml": Self.file(uses: "./b.yml"),
            "./b.yml": Self.file(uses: "./a.yml"),
        ])
        #expect(
            Self.problems(loaded) == [
                "./b.yml:7:15: workflow files form a cycle: ./a.yml → ./b.yml → ./a.yml"
            ])
    }

    @Test func `a chain that is too deep is refused`() {
        var files = ["main": Self.file(uses: "./0.yml")]
        for depth in 0..<20 { files["./\(depth).yml"] = Self.file(uses: "./\(depth + 1).yml") }
        #expect(Self.problems(Self.load(files)) == ["./7.yml:7:15: workflow files are nested more than 8 deep"])
    }
}
