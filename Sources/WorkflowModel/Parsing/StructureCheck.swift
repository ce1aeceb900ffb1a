/// Compares a tree with the table of keys: unknown and missing keys, values of other types.
struct StructureCheck {
    var collector: DiagnosticCollector

    init(_ collector: DiagnosticCollector) { self.collector = collector }

    mutating func check(_ node: YAMLNode, _ group: KeyGroup) {
        guard let entries = node.entries else { return wrongType(node, "\(group.title) is a mapping") }
        for entry in entries {
            if let key = group.keys.first(where: { $0.key.rawValue == entry.key }) {
                check(entry.value, key.shape, for: entry.key)
            } else {
                collector.report(
                    .unknownKey, "unknown key '\(entry.key)' in \(group.title)", at: entry.keyMark,
                    hint: Suggestion.hint(for: entry.key, among: group.keys.map(\.key.rawValue)))
            }
        }
        for key in group.keys where key.isRequired && node[key.key] == nil {
            collector.report(
                .missingKey, "\(group.title) needs the key '\(key.key.rawValue)'", at: node.mark,
                hint: "for example: \(key.key.rawValue): \(key.example)")
        }
    }

    private mutating func check(_ node: YAMLNode, _ shape: Shape, for key: String) {
        switch shape {
        case .group(let group): check(node, group)
        case .named(let group): checkNamed(node, for: key) { $0.check($1, group) }
        case .list(let group): checkList(node, for: key, mayBeEmpty: false) { $0.check($1, group) }
        case .environment, .templates, .data: checkNames(node, shape, for: key)
        case .matrix: checkMatrix(node)
        case .script: checkScript(node)
        case .identifiers: checkOneOrMore(node, .identifier, for: key)
        case .choices(let words): checkOneOrMore(node, .choice(words), for: key)
        case .texts: checkList(node, for: key, mayBeEmpty: false) { $0.check($1, .text, for: key) }
        default: checkScalar(node, shape, for: key)
        }
    }

    private mutating func checkOneOrMore(_ node: YAMLNode, _ shape: Shape, for key: String) {
        guard node.elements != nil else { return check(node, shape, for: key) }
        checkList(node, for: key, mayBeEmpty: true) { $0.check($1, shape, for: key) }
    }

    private mutating func checkList(
        _ node: YAMLNode, for key: String, mayBeEmpty: Bool, _ checkElement: (inout Self, YAMLNode) -> Void
    ) {
        guard let elements = node.elements else { return wrongType(node, "'\(key)' is a list") }
        if elements.isEmpty, !mayBeEmpty { collector.report(.invalidValue, "'\(key)' is empty", at: node.mark) }
        for element in elements { checkElement(&self, element) }
    }

    private mutating func checkNamed(
        _ node: YAMLNode, for key: String, _ checkMember: (inout Self, YAMLNode) -> Void
    ) {
        guard let entries = node.entries else { return wrongType(node, "'\(key)' is a mapping of names") }
        if entries.isEmpty, key == WorkflowKey.jobs.rawValue {
            collector.report(.invalidValue, "'\(key)' is empty", at: node.mark)
        }
        for entry in entries {
            checkIdentifier(entry.key, at: entry.keyMark)
            checkMember(&self, entry.value)
        }
    }

    private mutating func checkNames(_ node: YAMLNode, _ shape: Shape, for key: String) {
        guard let entries = node.entries else { return wrongType(node, "'\(key)' is a mapping") }
        for entry in entries {
            switch shape {
            case .environment:
                if !NameRules.isVariable(entry.key) {
                    collector.report(
                        .invalidValue, "'\(entry.key)' is no name for a variable", at: entry.keyMark,
                        hint: "letters, digits and '_', a letter first")
                }
                check(entry.value, .template, for: entry.key)
            case .templates:
                checkIdentifier(entry.key, at: entry.keyMark)
                check(entry.value, .template, for: entry.key)
            default: checkIdentifier(entry.key, at: entry.keyMark)
            }
        }
    }

    mutating func checkIdentifier(_ name: String, at mark: YAMLNode.Mark) {
        guard !NameRules.isIdentifier(name) else { return }
        let isTemplate = Template.contains(in: name)
        collector.report(
            isTemplate ? .expressionNotAllowed : .invalidValue, "'\(name)' is no name", at: mark,
            hint: "letters, digits, '_' and '-', a letter first, at most 100")
    }

    mutating func wrongType(_ node: YAMLNode, _ wanted: String, hint: String? = nil) {
        collector.report(.wrongType, "\(wanted), here is \(node.kindName)", at: node.mark, hint: hint)
    }

    mutating func report(_ code: DiagnosticCode, _ message: String, at node: YAMLNode, hint: String? = nil) {
        collector.report(code, message, at: node.mark, hint: hint)
    }
}
