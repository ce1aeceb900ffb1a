import Foundation
import Subprocess

/// Programs from outside that judge what we write.
enum Tool {
    struct Answer {
        var isGood: Bool
        var text: String
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func schema(_ name: String) -> String { root.appending(path: "schema/\(name)").path }

    /// Jenkins' own schema, not part of the project: none in a clean clone.
    static let jenkinsSchemas = [
        root.deletingLastPathComponent().appending(path: "shared/junit/jenkins-xunit-junit-10.xsd").path
    ].filter { FileManager.default.fileExists(atPath: $0) }

    static func isInstalled(_ name: String) async throws -> Bool {
        try await answer("sh", ["-c", "command -v \(name)"], input: "").isGood
    }

    /// The one with the readers of .ci/requirements.txt, where the tests were set up.
    static let python: String = {
        let own = root.appending(path: ".build/python/bin/python3").path
        return FileManager.default.isExecutableFile(atPath: own) ? own : "python3"
    }()

    static func answer(_ name: String, _ arguments: [String], input: String) async throws -> Answer {
        let result = try await run(
            .name("env"), arguments: Arguments([name] + arguments),
            input: .string(input), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        return Answer(
            isGood: result.terminationStatus.isSuccess, text: result.standardOutput + result.standardError)
    }

    /// Judges an XML document by a schema.
    static func xmllint(_ xml: String, schema: String? = nil) async throws -> Answer {
        let rules = schema.map { ["--schema", $0] } ?? []
        return try await answer("xmllint", ["--noout", "--nonet", "--huge"] + rules + ["-"], input: xml)
    }

    /// Judges lines, each a JSON value, by a schema.
    static func jsonSchema(_ lines: [String], schema: String) async throws -> Answer {
        let program = """
            import json, os, sys, jsonschema
            from referencing import Registry, Resource
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft7Validator.check_schema(schema)
            folder = os.path.dirname(sys.argv[1])
            others = [json.load(open(os.path.join(folder, n))) for n in os.listdir(folder) if n.endswith(".schema.json")]
            registry = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in others)
            validator = jsonschema.Draft7Validator(schema, registry=registry)
            faults = [e.json_path + ": " + e.message for l in sys.stdin for e in validator.iter_errors(json.loads(l))]
            print("\\n".join(faults))
            sys.exit(bool(faults))
            """
        return try await answer(
            python, ["-c", program, schema], input: lines.map { $0 + "\n" }.joined())
    }
}
