import Foundation
import WorkflowModel

/// A YAML file of a CI system as values, read by our own parser: YAML 1.2, so that `on` is a name.
struct CIDocument {
    struct Unreadable: Error {
        var problems: [String]
    }

    /// Throws `Unreadable` for what is no YAML.
    static func read(_ path: String) throws -> Value {
        try parse(String(contentsOfFile: path, encoding: .utf8))
    }

    static func parse(_ text: String) throws -> Value {
        let document = YAMLDocument(Array(text.utf8))
        guard let root = document.root, document.problems.isEmpty else {
            throw Unreadable(problems: document.problems.map(\.message))
        }
        return value(root)
    }

    private static func value(_ node: YAMLNode) -> Value {
        switch node.content {
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, value($0.value)) }, uniquingKeysWith: { $1 }))
        case .sequence(let nodes): .list(nodes.map(value))
        case .scalar(let text, let style):
            if let flag = node.coreBoolean {
                .bool(flag)
            } else if let number = node.coreNumber {
                .number(number)
            } else {
                style == .plain && ["", "null", "~"].contains(text) ? .null : .string(text)
            }
        }
    }
}

extension Value {
    /// The member of an object; null for everything that is not there.
    subscript(_ key: String) -> Value {
        if case .object(let members) = self { members[key] ?? .null } else { .null }
    }

    var members: [String: Value] {
        if case .object(let members) = self { members } else { [:] }
    }

    var elements: [Value] {
        switch self {
        case .list(let values): values
        case .null: []
        default: [self]
        }
    }

    /// Every text in it, keys left out.
    var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .list(let values): values.flatMap(\.texts)
        case .object(let members): members.values.flatMap(\.texts)
        default: []
        }
    }
}
