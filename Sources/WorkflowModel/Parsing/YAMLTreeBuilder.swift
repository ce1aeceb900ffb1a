/// Builds the tree of a document from its events, and collects its problems.
struct YAMLTreeBuilder {
    private(set) var problems: [YAMLProblem] = []

    mutating func build(_ bytes: UnsafeBufferPointer<UInt8>) -> YAMLNode? {
        guard let events = YAMLEventStream(bytes) else {
            refuse("out of memory", at: .init(line: 1, column: 1))
            return nil
        }
        var root: YAMLNode?
        do {
            while let event = try events.next() {
                switch event.kind {
                case .start where root != nil:
                    refuse(
                        "several documents in one file", at: event.mark,
                        hint: "remove '---' and everything after it")
                    return root
                case .start, .end: continue
                default: root = try node(event, from: events, depth: 0)
                }
            }
        } catch {
            problems.append(error)
        }
        return root
    }

    private mutating func node(
        _ event: YAMLEvent, from events: borrowing YAMLEventStream, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        guard depth <= YAMLDocument.maximumDepth else {
            throw YAMLProblem(
                kind: .unreadable, message: "nested deeper than \(YAMLDocument.maximumDepth) levels", mark: event.mark)
        }
        checkProperties(of: event)
        switch event.kind {
        case .sequenceStart: return try sequence(event, from: events, depth: depth)
        case .mappingStart: return try mapping(event, from: events, depth: depth)
        case .scalar(let text, let style):
            if text.utf8.contains(0) { refuse("NUL character in text", at: event.mark) }
            return YAMLNode(content: .scalar(event.written(text), style), mark: event.mark)
        case .alias:
            refuse("aliases ('*name') are not allowed", at: event.mark, hint: "write the value out")
            return YAMLNode(content: .scalar("", .plain), mark: event.mark)
        case .start, .end, .sequenceEnd, .mappingEnd:
            return YAMLNode(content: .scalar("", .plain), mark: event.mark)
        }
    }

    private mutating func sequence(
        _ start: YAMLEvent, from events: borrowing YAMLEventStream, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        var elements: [YAMLNode] = []
        while let event = try events.next() {
            if case .sequenceEnd = event.kind { break }
            elements.append(try node(event, from: events, depth: depth + 1))
        }
        return YAMLNode(content: .sequence(elements), mark: start.mark)
    }

    private mutating func mapping(
        _ start: YAMLEvent, from events: borrowing YAMLEventStream, depth: Int
    ) throws(YAMLProblem) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var firstLines: [String: Int] = [:]
        while let keyEvent = try events.next() {
            if case .mappingEnd = keyEvent.kind { break }
            let key = try node(keyEvent, from: events, depth: depth + 1)
            guard let valueEvent = try events.next() else { break }
            let value = try node(valueEvent, from: events, depth: depth + 1)
            guard case .scalar(let name, let style) = key.content else {
                refuse("a key must be text", at: key.mark)
                continue
            }
            if name == "<<", style == .plain {
                refuse("merge keys ('<<') are not allowed", at: key.mark, hint: "write the keys out")
            } else if let line = firstLines[name] {
                problems.append(
                    YAMLProblem(
                        kind: .duplicateKey, message: "duplicate key '\(name)'",
                        hint: "remove one; the first is in line \(line)", mark: key.mark))
            } else {
                firstLines[name] = key.mark.line
                entries.append(.init(key: name, keyMark: key.mark, value: value))
            }
        }
        return YAMLNode(content: .mapping(entries), mark: start.mark)
    }

    private mutating func checkProperties(of event: YAMLEvent) {
        if event.hasAnchor {
            refuse("anchors ('&name') are not allowed", at: event.mark, hint: "write the value out where it is used")
        }
        if let tag = event.tag {
            refuse(
                "tags ('\(tag)') are not allowed", at: event.mark, hint: YAMLHint.quotedNegation)
        }
    }

    private mutating func refuse(_ message: String, at mark: YAMLNode.Mark, hint: String? = nil) {
        problems.append(YAMLProblem(kind: .refused, message: message, hint: hint, mark: mark))
    }
}

extension YAMLEvent {
    /// The text with a tag that was probably meant as an expression: `!failure()`.
    fileprivate func written(_ text: String) -> String {
        guard let tag, tag.hasPrefix("!"), text.isEmpty || tag.contains("(") || tag.contains(".") else { return text }
        return text.isEmpty ? tag : "\(tag) \(text)"
    }
}
