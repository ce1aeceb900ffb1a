import CLibyaml

/// An event of libyaml's parser, with its mark.
struct YAMLEvent {
    enum Kind {
        case start, end
        case scalar(String, YAMLNode.Style)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
        case alias
    }

    var kind: Kind
    var mark: YAMLNode.Mark
    var hasAnchor = false
    var tag: String?
}

/// The events of libyaml's parser over bytes that outlive it.
struct YAMLEventStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let bytes: UnsafeBufferPointer<UInt8>

    /// Nil if memory is exhausted. `bytes` must stay valid as long as this does.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        self.bytes = bytes
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// Nil at the end of the stream; events without content are skipped.
    func next() throws(YAMLProblem) -> YAMLEvent? {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw problem }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_NO_EVENT || event.type == YAML_STREAM_END_EVENT { return nil }
            if let read = YAMLEvent(event) { return read }
        }
    }

    private var problem: YAMLProblem {
        let state = parser.pointee
        let text = state.problem.map { String(cString: $0) } ?? "not YAML"
        let mark =
            state.error == YAML_READER_ERROR
            ? YAMLNode.Mark(atByte: state.problem_offset, of: bytes) : YAMLNode.Mark(state.problem_mark)
        return YAMLProblem(
            kind: .unreadable, message: "not YAML: \(text)", hint: YAMLHint.hint(for: text, line: line(mark.line)),
            mark: mark)
    }

    private func line(_ number: Int) -> String {
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        return number >= 1 && lines.count >= number ? String(decoding: lines[number - 1], as: UTF8.self) : ""
    }
}

extension YAMLEvent {
    fileprivate init?(_ event: yaml_event_t) {
        mark = YAMLNode.Mark(event.start_mark)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT: kind = .start
        case YAML_DOCUMENT_END_EVENT: kind = .end
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(String(decoding: bytes, as: UTF8.self), YAMLNode.Style(scalar.style))
            (hasAnchor, tag) = (scalar.anchor != nil, scalar.tag.map(text))
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            (hasAnchor, tag) = (event.data.sequence_start.anchor != nil, event.data.sequence_start.tag.map(text))
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            (hasAnchor, tag) = (event.data.mapping_start.anchor != nil, event.data.mapping_start.tag.map(text))
        default: return nil
        }
    }
}

private func text(_ characters: UnsafeMutablePointer<UInt8>) -> String {
    String(cString: characters)
}

extension YAMLNode.Style {
    fileprivate init(_ style: yaml_scalar_style_t) {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: self = .quoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: self = .block
        default: self = .plain
        }
    }
}

extension YAMLNode.Mark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    /// The mark of a byte that libyaml cannot read, for which it provides none.
    init(atByte offset: Int, of bytes: UnsafeBufferPointer<UInt8>) {
        let before = bytes.prefix(offset)
        let line = before.reversed().prefix { $0 != UInt8(ascii: "\n") }
        // Continuation bytes do not start a scalar.
        self.init(line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: line.count { $0 & 0xC0 != 0x80 } + 1)
    }
}
