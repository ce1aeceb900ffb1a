/// Reads expressions and remembers where they stand.
extension WorkflowBuilder {
    mutating func template(
        _ node: YAMLNode?, _ place: ExpressionSite.Place, job: Int? = nil, step: Int? = nil
    ) -> Expression? {
        guard let node, let text = node.text, !node.isEmpty else { return nil }
        do {
            let parsed = try Template.parse(text)
            if parsed.expression.constant == nil || !parsed.calls.isEmpty {
                add(ExpressionSite(place: place, job: job, step: step, parsed: parsed, node: node))
            }
            return parsed.expression
        } catch {
            report(error, in: node)
            return nil
        }
    }

    mutating func templates(
        _ node: YAMLNode?, _ place: ExpressionSite.Place, job: Int? = nil, step: Int? = nil
    ) -> [String: Expression] {
        var result: [String: Expression] = [:]
        for entry in node?.entries ?? [] where entry.value.text != nil {
            result[entry.key] = template(entry.value, place, job: job, step: step) ?? ""
        }
        return result
    }

    mutating func condition(
        _ node: YAMLNode?, _ place: ExpressionSite.Place, job: Int? = nil, step: Int? = nil
    ) -> Expression? {
        guard let node, let text = node.text, !text.isEmpty else { return nil }
        let inner = Template.whole(text)
        // Reported by the structure check.
        if inner == nil, Template.contains(in: text) { return nil }
        do {
            let parsed = try ExpressionParser.parse(inner ?? text, base: inner == nil ? 0 : 3)
            add(ExpressionSite(place: place, job: job, step: step, parsed: parsed, node: node))
            return parsed.expression
        } catch {
            report(error, in: node)
            return nil
        }
    }

    /// Any value, with expressions in its texts; nothing at all is null.
    mutating func data(_ node: YAMLNode, _ place: ExpressionSite.Place, job: Int, step: Int? = nil) -> Expression {
        switch node.content {
        case .scalar: return template(node, place, job: job, step: step) ?? .literal(.null)
        case .sequence(let elements):
            return .list(elements.map { data($0, place, job: job, step: step) })
        case .mapping(let entries):
            var members: [String: Expression] = [:]
            for entry in entries { members[entry.key] = data(entry.value, place, job: job, step: step) }
            return .object(members)
        }
    }

    private mutating func report(_ error: ExpressionSyntaxError, in node: YAMLNode) {
        collector.report(
            .invalidExpression, error.message, at: collector.source.position(ofOffset: error.offset, in: node),
            hint: error.hint)
    }
}
