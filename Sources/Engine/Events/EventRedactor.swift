package import Redaction
import WorkflowModel

/// Hides secrets in events, and keeps what a resumed run reads back.
///
/// A text that equals a known fact (a name, ref, id, path or address) stays as it is, even if it contains a secret: a
/// branch called like the value of a variable is public. In every other value a secret becomes `***` and is listed in
/// `withheld`, with the name of the secret if the text is nothing but that secret.
package struct EventRedactor: Sendable {
    private var redactor: Redactor
    /// Facts still lose what looks like a key, and the logins in URLs.
    private let unnamed = Redactor()
    /// The names of the secrets, by value.
    private var names: [String: String]
    private var facts: Set<String>

    /// - Parameters:
    ///   - secrets: the values of secrets, by the name that a resumed run finds them by.
    ///   - facts: texts that are public, whatever they contain.
    package init(_ redactor: Redactor = Redactor(), secrets: [String: String] = [:], facts: Set<String> = []) {
        self.redactor = redactor
        names = Dictionary(secrets.map { ($0.value, $0.key) }, uniquingKeysWith: min)
        self.facts = facts
    }

    mutating func addSecret(_ secret: String) { redactor.add(secret) }

    mutating func addFacts(_ texts: some Sequence<String>) { facts.formUnion(texts) }

    /// Redacts text for people.
    func redact(_ text: String) -> String { redactor.redact(text) }

    func redact(_ text: String?) -> String? { text.map { redactor.redact($0) } }

    func redact(_ lines: [String]) -> [String] { redactor.redact(lines) }

    func redact(_ failure: StepFailure?) -> StepFailure? { failure?.redacted(by: redactor) }

    /// Redacts a name, ref, id or address.
    func redactFact(_ text: String) -> String {
        facts.contains(text) ? unnamed.redact(text) : redactor.redact(text)
    }

    func redactFact(_ text: String?) -> String? { text.map { redactFact($0) } }

    /// The value without secrets, and what it lacks; nil if it lacks nothing.
    func record(_ value: Value) -> (value: Value, withheld: [WithheldText]?) {
        var withheld: [WithheldText] = []
        let recorded = record(value, at: [], &withheld)
        return (recorded, withheld.isEmpty ? nil : withheld)
    }

    /// The values without secrets, and what they lack, with paths that begin with the name of the value.
    func record(_ values: [String: Value]) -> (values: [String: Value], withheld: [WithheldText]?) {
        let (value, withheld) = record(.object(values))
        if case .object(let members) = value { return (members, withheld) }
        return ([:], withheld)
    }

    private func record(_ value: Value, at path: [String], _ withheld: inout [WithheldText]) -> Value {
        switch value {
        case .string(let text): return .string(record(text, at: path, &withheld))
        case .list(let elements):
            var recorded: [Value] = []
            for (index, element) in elements.enumerated() {
                recorded.append(record(element, at: path + ["\(index)"], &withheld))
            }
            return .list(recorded)
        case .object(let members):
            var recorded: [String: Value] = [:]
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                let shown = redactFact(key)
                // Without its name a member cannot be restored.
                if shown != key { withheld.append(WithheldText(path: path + [shown])) }
                recorded[shown] = record(member, at: path + [shown], &withheld)
            }
            return .object(recorded)
        case .null, .bool, .number, .digits, .withheld: return value
        }
    }

    private func record(_ text: String, at path: [String], _ withheld: inout [WithheldText]) -> String {
        let shown = redactFact(text)
        if shown != text {
            let name = names[text]
            withheld.append(WithheldText(path: path, secret: name, check: name.map { _ in SecretCheck.of(text) }))
        }
        return shown
    }
}

/// A text that is missing in a recorded value because it contained a secret.
package struct WithheldText: Codable, Sendable, Equatable {
    /// The members and indices that lead to it; empty if it is the whole value.
    package var path: [String]
    /// The secret that it equals, such as `secrets.TOKEN`; nil if it only contains one.
    package var secret: String?
    /// `SecretCheck` of that secret.
    package var check: String?

    package init(path: [String], secret: String? = nil, check: String? = nil) {
        self.path = path
        self.secret = secret
        self.check = check
    }
}

/// A checksum that notices a changed secret. Its 16 bits are too few to guess the secret from.
enum SecretCheck {
    static func of(_ secret: String) -> String {
        let hash = secret.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return String((hash >> 32) & 0xFFFF, radix: 16)
    }
}

/// Puts secrets back into values that were read from a journal.
package struct SecretRestorer: Sendable {
    /// By name.
    private let secrets: [String: String]

    package init(_ secrets: [String: String]) { self.secrets = secrets }

    /// A text that cannot be restored becomes `withheld`.
    func restore(_ value: Value, _ withheld: [WithheldText]?) -> Value {
        (withheld ?? []).reduce(value) { value, text in
            let secret = text.secret.flatMap { secrets[$0] }
            let isSame = secret.map { SecretCheck.of($0) == text.check } == true
            return value.replacing(at: text.path[...], with: isSame ? Value(secret) : .withheld)
        }
    }

    func restore(_ values: [String: Value], _ withheld: [WithheldText]?) -> [String: Value] {
        if case .object(let members) = restore(.object(values), withheld) { members } else { values }
    }
}

extension Value {
    fileprivate func replacing(at path: ArraySlice<String>, with new: Value) -> Value {
        guard let first = path.first else { return new }
        switch self {
        case .object(var members):
            members[first] = (members[first] ?? .null).replacing(at: path.dropFirst(), with: new)
            return .object(members)
        case .list(var elements):
            guard let index = Int(first), elements.indices.contains(index) else { return .withheld }
            elements[index] = elements[index].replacing(at: path.dropFirst(), with: new)
            return .list(elements)
        default: return .withheld
        }
    }
}
