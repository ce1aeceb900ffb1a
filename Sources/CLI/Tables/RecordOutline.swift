import ControlPlaneTypes

/// One resource as lines of `path  value`; what is null or empty is left out.
struct RecordOutline: Sendable {
    private var rows: [(path: String, value: String)] = []

    /// `resource` has to be without secrets already.
    init(_ resource: RawJSON) {
        add(resource, at: "")
    }

    var lines: [String] {
        let width = rows.map(\.path.columns).max() ?? 0
        return rows.map { row in
            row.path + String(repeating: " ", count: width - row.path.columns + 2) + row.value
        }
    }

    private mutating func add(_ value: RawJSON, at path: String) {
        switch value {
        case .object(let members):
            for member in members { add(member.value, at: path.isEmpty ? member.key : path + "." + member.key) }
        case .array(let elements):
            add(elements, at: path)
        case .string:
            if let text = value.text, !text.isEmpty { rows.append((path, text)) }
        case .literal(let token):
            if !value.isNull { rows.append((path, String(decoding: token, as: UTF8.self))) }
        }
    }

    private mutating func add(_ elements: [RawJSON], at path: String) {
        let words = elements.compactMap(Self.word)
        if words.count == elements.count {
            if !words.isEmpty { rows.append((path, words.joined(separator: ", "))) }
            return
        }
        for (index, element) in elements.enumerated() { add(element, at: "\(path)[\(index)]") }
    }

    /// What stands for an element in a list on one line: scalars, and pairs of a name and a value.
    private static func word(_ element: RawJSON) -> String? {
        switch element {
        case .string: return element.text
        case .literal(let token): return String(decoding: token, as: UTF8.self)
        case .array: return nil
        case .object(let members):
            guard members.count == 2, let name = element["name"]?.text, let value = element["value"]?.text else {
                return nil
            }
            return "\(name)=\(value)"
        }
    }
}
