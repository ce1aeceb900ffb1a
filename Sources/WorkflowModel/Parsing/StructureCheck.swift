import Clocks

/// Checks a tree against the table of keys: unknown keys, missing keys and wrong types.
package struct StructureCheck {
    package private(set) var collector: DiagnosticCollector

    package init(_ collector: DiagnosticCollector) { self.collector = collector }

    package mutating func check(_ node: YAMLNode, _ group: KeyGroup) {
        guard let entries = node.entries else {
            return wrongType(
                node, "\(group.title) must be a mapping", hint: GitHubTerms.hint(forTypeOf: group.name))
        }
        for entry in entries {
            if let key = group.keys.first(where: { $0.name == entry.key }) {
                check(entry.value, key.shape, for: entry.key)
            } else {
                collector.report(
                    .unknownKey, "unknown key '\(entry.key)' in \(group.title)", at: entry.keyMark,
                    hint: GitHubTerms.hint(forKey: entry.key, in: group)
                        ?? Suggestion.hint(for: entry.key, among: group.keys.map(\.name)))
            }
        }
        for key in group.keys where key.isRequired && node[key.name] == nil {
            collector.report(
                .missingKey, "missing key '\(key.name)' in \(group.title)", at: node.mark,
                hint: "for example: \(key.name): \(key.example)")
        }
    }

    private mutating func check(_ node: YAMLNode, _ shape: Shape, for key: String) {
        switch shape {
        case .group(let group): check(node, group)
        case .named(let group): checkNamed(node, for: key) { $0.check($1, group) }
        case .list(let group): checkList(node, for: key, mayBeEmpty: false) { $0.check($1, group) }
        case .environment, .templates, .data, .labels: checkNames(node, shape, for: key)
        case .matrix: checkMatrix(node)
        case .script: checkScript(node)
        case .identifiers: checkOneOrMore(node, .identifier, for: key)
        case .choices(let words): checkOneOrMore(node, .choice(words), for: key)
        case .texts: checkList(node, for: key, mayBeEmpty: false) { $0.check($1, .text, for: key) }
        case .textOrTexts: checkOneOrMore(node, .text, for: key)
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
        guard let elements = node.elements else { return wrongType(node, "'\(key)' must be a list") }
        if elements.isEmpty, !mayBeEmpty { collector.report(.invalidValue, "'\(key)' is empty", at: node.mark) }
        for element in elements { checkElement(&self, element) }
    }

    private mutating func checkNamed(
        _ node: YAMLNode, for key: String, _ checkMember: (inout Self, YAMLNode) -> Void
    ) {
        guard let entries = node.entries else { return wrongType(node, "'\(key)' must be a mapping of names") }
        if entries.isEmpty, key == WorkflowKey.jobs.rawValue {
            collector.report(.invalidValue, "'\(key)' is empty", at: node.mark)
        }
        for entry in entries {
            checkIdentifier(entry.key, at: entry.keyMark)
            checkMember(&self, entry.value)
        }
    }

    private mutating func checkNames(_ node: YAMLNode, _ shape: Shape, for key: String) {
        guard let entries = node.entries else {
            return wrongType(node, "'\(key)' must be a mapping", hint: GitHubTerms.hint(forTypeOf: key))
        }
        for entry in entries {
            switch shape {
            case .environment:
                if !NameRules.isVariable(entry.key) {
                    collector.report(
                        .invalidValue, "invalid variable name '\(entry.key)'", at: entry.keyMark,
                        hint: "use letters, digits and '_', starting with a letter")
                }
                check(entry.value, .template, for: entry.key)
            case .templates:
                checkIdentifier(entry.key, at: entry.keyMark)
                check(entry.value, .template, for: entry.key)
            case .labels:
                checkIdentifier(entry.key, at: entry.keyMark)
                check(entry.value, .text, for: entry.key)
            default: checkIdentifier(entry.key, at: entry.keyMark)
            }
        }
    }

    mutating func checkIdentifier(_ name: String, at mark: YAMLNode.Mark) {
        guard !NameRules.isIdentifier(name) else { return }
        let isTemplate = Template.contains(in: name)
        collector.report(
            isTemplate ? .expressionNotAllowed : .invalidValue, "invalid name '\(name)'", at: mark,
            hint: "use letters, digits, '_' and '-', starting with a letter, at most 100")
    }

    mutating func wrongType(_ node: YAMLNode, _ wanted: String, hint: String? = nil) {
        collector.report(.wrongType, "\(wanted), found \(node.kindName)", at: node.mark, hint: hint)
    }

    mutating func report(_ code: DiagnosticCode, _ message: String, at node: YAMLNode, hint: String? = nil) {
        collector.report(code, message, at: node.mark, hint: hint)
    }
}

/// Checks of single values.
extension StructureCheck {
    mutating func checkScalar(_ node: YAMLNode, _ shape: Shape, for key: String) {
        guard let text = node.text else {
            return wrongType(node, "'\(key)' must be \(shape.wanted)", hint: GitHubTerms.hint(forTypeOf: key))
        }
        switch shape {
        case .template, .scalar: return
        case _ where text.isEmpty: wrongType(node, "'\(key)' must be \(shape.wanted)")
        case .duration(let allowsTemplate): checkDuration(text, node, allowsTemplate, for: key)
        case .condition: checkCondition(text, node)
        case _ where Template.contains(in: text): refuseExpression(node, for: key)
        case .version: checkVersion(text, node)
        case .boolean where node.coreBoolean == nil: wrongBoolean(node, for: key)
        case .integer(let range): checkInteger(node, range, for: key)
        case .tolerance: checkTolerance(text, node, for: key)
        case .choice(let words): checkChoice(text, words, node, for: key)
        case .identifier: checkIdentifier(text, at: node.mark)
        default: return
        }
    }

    private mutating func refuseExpression(_ node: YAMLNode, for key: String) {
        report(
            .expressionNotAllowed, "expression not allowed in '\(key)'", at: node,
            hint: "write the value itself: it must be known before the run")
    }

    private mutating func checkDuration(_ text: String, _ node: YAMLNode, _ allowsTemplate: Bool, for key: String) {
        if Template.contains(in: text) {
            if !allowsTemplate { refuseExpression(node, for: key) }
        } else if Duration(text: text) == nil {
            report(
                .invalidDuration, "invalid duration '\(text)' for '\(key)'", at: node,
                hint: "write it as \(Duration.spellings), at most 100 days")
        }
    }

    /// A text that is one `${{ }}` is that expression; next to other text it would always be true.
    private mutating func checkCondition(_ text: String, _ node: YAMLNode) {
        guard Template.contains(in: text), Template.whole(text) == nil else { return }
        report(
            .expressionNotAllowed, "'if' mixes '${{ }}' with other text", at: node,
            hint: "'if' is an expression already: write it without '${{' and '}}'")
    }

    private mutating func checkVersion(_ text: String, _ node: YAMLNode) {
        guard text != "1" else { return }
        report(.invalidValue, "unsupported version '\(text)'", at: node, hint: "write: version: 1")
    }

    private mutating func wrongBoolean(_ node: YAMLNode, for key: String) {
        wrongType(node, "'\(key)' must be true or false", hint: "write true or false, without quotes")
    }

    private mutating func checkInteger(_ node: YAMLNode, _ range: ClosedRange<Int>, for key: String) {
        guard let number = node.coreNumber, let integer = Int(exactly: number) else {
            return wrongType(node, "'\(key)' must be a whole number")
        }
        guard !range.contains(integer) else { return }
        report(.invalidValue, "'\(key)' must be \(range.lowerBound)…\(range.upperBound), found \(integer)", at: node)
    }

    private mutating func checkTolerance(_ text: String, _ node: YAMLNode, for key: String) {
        guard FailureTolerance(text: text) == nil else { return }
        report(
            .invalidValue, "invalid value '\(text)' for '\(key)'", at: node,
            hint: "write a whole number such as 2, or a percentage from 0% to 100%")
    }

    private mutating func checkChoice(_ text: String, _ words: [String], _ node: YAMLNode, for key: String) {
        guard !words.contains(text) else { return }
        report(
            .invalidValue, "invalid value '\(text)' for '\(key)'", at: node,
            hint: Suggestion.hint(for: text, among: words))
    }

    mutating func checkScript(_ node: YAMLNode) {
        if let elements = node.elements {
            if elements.isEmpty { report(.invalidValue, "'run' is empty", at: node) }
            for element in elements where element.text == nil { wrongType(element, "an argument must be text") }
            return
        }
        guard let text = node.text, !text.isEmpty else {
            return wrongType(node, "'run' must be a shell script or a list of arguments")
        }
        for (name, replacement) in GitHubTerms.files.sorted(by: { $0.key < $1.key }) where text.contains(name) {
            collector.report(
                .unknownName, "$\(name) is the file of the CI job, not of this step",
                at: collector.source.position(node.mark), hint: "use $\(replacement)", severity: .warning)
        }
        guard let offset = Template.firstOffset(in: text) else { return }
        collector.report(
            .injection, "'${{ }}' in a shell script allows command injection",
            at: collector.source.position(ofOffset: offset, in: node),
            hint: "pass the value through 'env' and write \"$NAME\" here, or make 'run' a list of arguments")
    }

    mutating func checkMatrix(_ node: YAMLNode) {
        guard let entries = node.entries else {
            return wrongType(node, "'matrix' must be a mapping", hint: GitHubTerms.hint(forTypeOf: "matrix"))
        }
        if entries.isEmpty { report(.invalidMatrix, "the matrix is empty", at: node) }
        let patterns = [WorkflowKey.include.rawValue, WorkflowKey.exclude.rawValue]
        let axes = entries.map(\.key).filter { !patterns.contains($0) }
        for entry in entries {
            checkIdentifier(entry.key, at: entry.keyMark)
            if patterns.contains(entry.key) {
                checkPatterns(entry, axes)
            } else if let elements = entry.value.elements {
                if elements.isEmpty { report(.invalidMatrix, "'\(entry.key)' has no values", at: entry.value) }
            } else if !Template.contains(in: entry.value.text ?? "") {
                wrongType(entry.value, "'\(entry.key)' must be a list")
            }
        }
    }

    /// `exclude` can only name axes. `include` can add values, so there a name close to an axis is only a warning.
    private mutating func checkPatterns(_ patterns: YAMLNode.Entry, _ axes: [String]) {
        guard let elements = patterns.value.elements else {
            if Template.whole(patterns.value.text ?? "") == nil {
                wrongType(patterns.value, "'\(patterns.key)' must be a list")
            }
            return
        }
        for element in elements {
            guard let entries = element.entries else {
                wrongType(element, "'\(patterns.key)' must be a list of mappings")
                continue
            }
            for entry in entries where !axes.contains(entry.key) {
                if patterns.key == WorkflowKey.exclude.rawValue {
                    collector.report(
                        .invalidMatrix, "unknown axis '\(entry.key)' in 'exclude'", at: entry.keyMark,
                        hint: Suggestion.hint(for: entry.key, among: axes))
                } else if let axis = misspelt(entry.key, axes.filter { element[$0] == nil }) {
                    collector.report(
                        .invalidMatrix, "'\(entry.key)' is not an axis of the matrix",
                        at: collector.source.position(entry.keyMark), hint: "did you mean '\(axis)'?",
                        severity: .warning)
                }
            }
        }
    }

    /// Short names are often similar.
    private func misspelt(_ name: String, _ axes: [String]) -> String? {
        name.utf8.count < 5 ? nil : Suggestion.closest(to: name, among: axes)
    }
}

extension Shape {
    /// For messages.
    fileprivate var wanted: String {
        switch self {
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .duration: "a duration"
        case .condition: "an expression"
        case .version: "1"
        case .tolerance: "a whole number or a percentage"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        default: "text"
        }
    }
}
