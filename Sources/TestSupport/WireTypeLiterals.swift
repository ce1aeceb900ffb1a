package import ControlPlaneTypes
package import FoundationEssentials

// Tests name deployments and revisions, and write JSON, in literals; the product never does.

extension DeploymentID: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension RevisionID: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral value: String) { self = .string(value) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension JSONValue {
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// Nil when the member is missing or null.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let member = members[key], member != .null else { return nil }
        return member
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The members of an object; none of any other value.
    package var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    /// The elements of an array; none of any other value.
    package var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    package var encoded: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A value of JSON always encodes.
        return (try? encoder.encode(self)) ?? Data()
    }
}
