import ArgumentParser
import ControlPlaneTypes
import Engine
import Files
import FoundationEssentials
import JSON
import Redaction
import Steps

/// The body of a request, from a file and single fields.
struct BodyOptions: ParsableArguments {
    @Option(
        name: [.customShort("F"), .long],
        help: ArgumentHelp(
            "Field: key=value, key[sub]=value or key[]=value; repeatable. true, false, null and numbers are JSON, "
                + "@FILE reads a file, @- standard input.", valueName: "k=v"))
    var field: [String] = []

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("Field with a plain text value; repeatable.", valueName: "k=v"))
    var rawField: [String] = []

    @Option(
        help: ArgumentHelp("JSON file, or - for standard input; fields are merged into it.", valueName: "file|-"),
        completion: .file())
    var input: String?

    /// The fields, read and checked. Throws `StepFailure` (usage).
    func fields(_ context: ResourceContext) throws -> [(path: [FieldAssignment.Step], value: RawJSON)] {
        let assignments: [FieldAssignment]
        do {
            assignments =
                try field.map { try FieldAssignment($0, isTyped: true) }
                + rawField.map { try FieldAssignment($0, isTyped: false) }
        } catch let problem as FieldAssignment.Problem {
            throw StepFailure(.usage, code: "FieldMalformed", problem.message, hint: problem.hint)
        }
        try refuseSecrets(in: assignments)
        return try assignments.map { ($0.path, try value(of: $0, context)) }
    }

    /// The body from `--input` and the fields; nil without either.
    func body(_ context: ResourceContext) throws -> RawJSON? {
        let fields = try fields(context)
        let given = try input.map { try Self.json(try Self.read($0, context), from: $0) }
        guard given != nil || !fields.isEmpty else { return nil }
        let start = given ?? .object([])
        if !fields.isEmpty && start.members == nil {
            throw StepFailure(
                .usage, code: "InputMalformed", "cannot merge --field into --input: it is not a JSON object",
                hint: "pass an object, or omit --field")
        }
        return fields.reduce(start) { $0.assigning($1.value, at: $1.path[...]) }
    }

    /// The body from `--input` and the fields, with the fields of other flags.
    func document(_ context: ResourceContext, setting fields: [BodyField?]) throws -> RawJSON {
        (try body(context) ?? .object([])).setting(fields.compactMap(\.self))
    }

    private func value(of assignment: FieldAssignment, _ context: ResourceContext) throws -> RawJSON {
        if let file = assignment.file { return .text(try Self.read(file, context)) }
        guard let text = assignment.text else { return .array([]) }
        return assignment.isTyped ? FieldAssignment.value(of: text) : .text(text)
    }

    /// Every process on the machine can read the command line.
    private func refuseSecrets(in assignments: [FieldAssignment]) throws(StepFailure) {
        let visible = assignments.filter { $0.file == nil }.reduce(RawJSON.object([])) { body, assignment in
            body.assigning(assignment.text.map(RawJSON.text) ?? .array([]), at: assignment.path[...])
        }
        var redaction = JSONRedaction()
        _ = redaction.redact(visible)
        guard redaction.hidden.contains(where: { !$0.reveal().isEmpty }) else { return }
        throw StepFailure(
            .usage, code: "SecretOnCommandLine", "secret value on the command line",
            hint: "put the value into a file and write --field key=@FILE, or pass the whole body with --input")
    }

    private static func read(_ path: String, _ context: ResourceContext) throws(StepFailure) -> String {
        if path == "-" { return context.readInput() }
        do {
            return try InputFile().read(path).text
        } catch {
            throw StepFailure(
                .usage, code: "InputUnreadable", "cannot read the file '\(path)': \(error)",
                hint: "pass a readable text file, or - for standard input")
        }
    }

    private static func json(_ text: String, from path: String) throws(StepFailure) -> RawJSON {
        do {
            return try RawJSON(parsing: Data(text.utf8))
        } catch {
            throw StepFailure(
                .usage, code: "InputMalformed", "invalid JSON in '\(path)': \(error)",
                hint: "write one JSON value in UTF-8")
        }
    }
}
