import Clocks
import ControlPlane
package import Engine
import FoundationEssentials
import Redaction
import WorkflowModel

/// Inputs of declared types; each throws `StepFailure` naming the input and its value.
extension StepInputs {
    func count(_ name: String, in range: ClosedRange<Int>) throws -> Int {
        let text = string(name) ?? ""
        guard let number = Int(text), range.contains(number) else {
            throw invalid(name, text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func duration(_ name: String) throws -> Duration {
        let text = string(name) ?? ""
        guard let duration = Duration(text: text) else {
            throw invalid(name, text, "a duration: \(Duration.spellings)")
        }
        return duration
    }

    /// An absolute http or https URL.
    func url(_ name: String) throws -> WebAddress {
        let text = string(name) ?? ""
        guard let address = WebAddress(text) else {
            // The text is not shown: it may hold a password or a token.
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "invalid input '\(name)': not an http or https URL",
                hint: "give an absolute URL such as https://agent.example/ok")
        }
        return address
    }

    /// One of the words of `Choice`.
    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws -> Choice
    where Choice.RawValue == String {
        let text = string(name) ?? ""
        guard let choice = Choice(rawValue: text) else {
            throw invalid(name, text, Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    func pointer(_ name: String) throws -> JSONPointer? {
        guard let text = string(name) else { return nil }
        guard let pointer = JSONPointer(text) else {
            throw invalid(name, text, "a JSON pointer such as /host/revision")
        }
        return pointer
    }

    func invalid(_ name: String, _ text: String, _ wanted: String) -> StepFailure {
        StepFailure(
            .invalidWorkflow, code: "InvalidStepInputs", "invalid input '\(name)': '\(text.prefix(80))'",
            hint: "use \(wanted)")
    }
}

/// An http or https URL that describes itself without user info and query, which may hold secrets.
struct WebAddress: Equatable, CustomStringConvertible {
    let text: String
    let description: String

    init?(_ text: String) {
        guard let origin = Origin(ofURL: text), var parts = URLComponents(string: text) else { return nil }
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        self.text = text
        description = parts.string ?? origin.description
    }

    /// For those whose path is a secret too: the scheme and the host.
    var origin: String { Origin(ofURL: text)?.description ?? "" }
}

extension StepContext {
    /// Records a structured output.
    func output(_ name: String, encoding value: some Encodable) throws {
        output(name, try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value)))
    }
}

extension StepInputs {
    /// A structured input, checked against its shape; nil when it is absent or empty.
    ///
    /// Throws `StepFailure` (invalid workflow) that names the member that is missing or has another type.
    package func structure<Structure: Decodable>(_ name: String, _ type: Structure.Type) throws -> Structure? {
        guard let text = json(name) else { return nil }
        let problem: String
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch let DecodingError.keyNotFound(key, context) {
            problem = "missing \(Self.path(context.codingPath + [key]))"
        } catch let DecodingError.typeMismatch(_, context), let DecodingError.valueNotFound(_, context),
            let DecodingError.dataCorrupted(context)
        {
            problem = "invalid \(Self.path(context.codingPath))"
        }
        throw StepFailure(
            .invalidWorkflow, code: "InvalidStepInputs", "invalid input '\(name)': \(problem)", hint: Self.hint(name))
    }

    /// The same for an input that the step cannot do without.
    func required<Structure: Decodable>(_ name: String, _ type: Structure.Type) throws -> Structure {
        if let structure = try structure(name, type) { return structure }
        throw StepFailure(
            .invalidWorkflow, code: "InvalidStepInputs", "missing input '\(name)'", hint: Self.hint(name))
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "value" : "'\(keys.map(\.stringValue).joined(separator: "."))'"
    }

    private static func hint(_ name: String) -> String {
        "pass the output of an earlier step unchanged: \(name): ${{ steps.\(StepOutputs.sources[name] ?? "ID").outputs.\(name) }}"
    }
}

/// Where the structured outputs come from in workflows/deploy.yml and workflows/rollback.yml, for hints.
enum StepOutputs {
    static let sources = ["plan": "preflight", "revision": "deploy", "target": "target"]

    /// For inputs that a structured one replaced.
    static func removed(_ names: [String], use structured: [String]) -> [String: String] {
        let usage = structured.map { "\($0): ${{ steps.\(sources[$0] ?? "ID").outputs.\($0) }}" }
        return Dictionary(names.map { ($0, "pass \(usage.joined(separator: " and "))") }) { $1 }
    }
}
