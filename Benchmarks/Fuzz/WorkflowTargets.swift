import Engine
import Foundation
import Steps
import TestSupport
import WorkflowModel

@testable import Git

extension FuzzTarget {
    static let workflows = [
        FuzzTarget("workflows", bytes: files, check: checkWorkflow),
        FuzzTarget("expressions", seeds: expressions, check: checkExpression),
    ]

    /// From the folder of the project.
    private static let files = ["workflows/deploy.yml", "workflows/rollback.yml", "examples/release/release.yml"].map {
        FileManager.default.contents(atPath: $0).map(Array.init) ?? []
    }

    @Sendable private static func checkWorkflow(_ input: [UInt8]) throws {
        let result = WorkflowValidator(signatures: BuiltinSteps.signatures).validate(input, file: "fuzz.yml")
        guard let workflow = result.workflow else {
            return try expect(
                !result.diagnostics.isEmpty && !result.text.isEmpty, "a workflow was refused without a reason")
        }
        // A matrix may have no value without inputs; that is an answer too.
        _ = try? RunPlan(workflow)
    }

    private static let expressions = [
        "${{ inputs.x || steps['a'].outputs.b == 'c' }}", "x ${{ format('{0} {{', 1e3) }} y",
        "${{ fromJSON('{\"a\":[1,2]}').a[0] < 5 && !failure() }}", "${{ toJSON(inputs) }}",
        "${{ join(inputs.list, ',') }}",
        "${{ contains(inputs.list, 'a') && startsWith(inputs.x, 'b') }}", "${{ -0x1F >= .5 }}",
    ]

    @Sendable private static func checkExpression(_ input: [UInt8]) throws {
        let parsed: ParsedExpression
        do {
            parsed = try Template.parse(input.text)
        } catch {
            return try expect(!error.message.isEmpty && error.offset >= 0, "an error without a message")
        }
        let contexts: [String: Value] = [
            "inputs": .object(["x": .string("b"), "n": .number(3), "list": .list([.string("a"), .null])]),
            "steps": .object(["a": .object(["outputs": .object(["b": .string("c")])])]),
        ]
        do {
            _ = try Evaluator(contexts: { contexts }).evaluate(parsed.expression).text
        } catch {
            try expect(!error.message.isEmpty, "an error without a message")
        }
    }
}

extension FuzzTarget {
    static let repository = [
        FuzzTarget("remotes", seeds: remotes, check: checkRemote),
        FuzzTarget("links", seeds: links, check: checkLinks),
        FuzzTarget("ci-events", seeds: events, check: checkEvent),
    ]

    private static let remotes = [
        "git@github.com:a/b.git\nhttps://github.com/A/B", "https://user:token@host:8443/a/b/\nssh://git@host/a/b.git",
        "../other\nfile:///srv/git/x.git", "ssh://[::1]:22/x\ngithub-work:a/b",
    ]

    @Sendable private static func checkRemote(_ input: [UInt8]) throws {
        let (first, second) = (RemoteURL(input.lines(2)[0], relativeTo: "/srv"), RemoteURL(input.lines(2)[1]))
        try expect(first.isSameRepository(as: first), "a repository that is not itself")
        try expect(
            first.isSameRepository(as: second) == second.isSameRepository(as: first), "the same in one direction only")
        try expect(!first.https.isEmpty, "no URL")
    }

    private static let links = ["a/b\n../c\nc\nd/e\n../../x", "l\nl\nm\n/abs", "a\n.\nb\na/../..\n"]

    @Sendable private static func checkLinks(_ input: [UInt8]) throws {
        let lines = input.lines(20)
        let pairs = stride(from: 0, to: 20, by: 2).map { (lines[$0], lines[$0 + 1]) }
        let resolver = LinkResolver(targets: Dictionary(pairs) { $1 })
        for (path, _) in pairs {
            guard case .inside(let place) = resolver.resolve(path) else { continue }
            try expect(
                !place.hasPrefix("/") && !place.split(separator: "/").contains(".."), "\(path) leads to \(place)")
        }
    }

    private static let events = [
        #"{"action":"opened","pull_request":{"number":7,"head":{"sha":"3f2a1bc9d8e7f60514233241506978a0b1c2d3e4","ref":"x","#
            + #""repo":{"full_name":"a/b"}},"base":{"repo":{"full_name":"a/b"}}},"repository":{"full_name":"a/b"}}"#,
        #"{"workflow_run":{"head_sha":"3f2a1bc9d8e7f60514233241506978a0b1c2d3e4","head_branch":null}}"#,
    ]

    @Sendable private static func checkEvent(_ input: [UInt8]) throws {
        for variables in [
            ["GITHUB_REF": "refs/pull/7/merge"],
            ["GITHUB_REF": input.lines(1)[0], "GITHUB_EVENT_NAME": "workflow_run"],
        ] {
            let environment = variables.merging(["GITHUB_EVENT_PATH": "event.json", "GITHUB_SHA": input.text]) { $1 }
            let context = CIContext.detect(.github, environment: environment) { _ in input }
            try expect(context.unreadableEvent?.message.isEmpty != true, "an error without a message")
        }
    }
}
