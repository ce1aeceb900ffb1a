import CLibyaml

/// A value to be written as YAML. Texts are quoted wherever any version of YAML could read something else.
package indirect enum YAMLOutput: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var key: String
        package var value: YAMLOutput

        package init(_ key: String, _ value: YAMLOutput) {
            self.key = key
            self.value = value
        }
    }

    case text(String)
    /// A text of several lines.
    case block(String)
    case number(Int)
    case flag(Bool)
    case list([YAMLOutput])
    /// A list in one line.
    case row([YAMLOutput])
    case map([Entry])

    /// A document, deterministic to the byte.
    package func document() throws(YAMLWriterProblem) -> String {
        let output = YAMLWriterOutput()
        guard let writer = YAMLWriter(output) else { throw YAMLWriterProblem() }
        try writer.write(self)
        return String(decoding: output.bytes, as: UTF8.self)
    }
}

/// Why nothing was written: libyaml ran out of memory.
package struct YAMLWriterProblem: Error, Sendable {}

extension YAMLOutput: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(arrayLiteral elements: YAMLOutput...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, YAMLOutput)...) {
        self = .map(elements.map { Entry($0.0, $0.1) })
    }
}

/// The bytes that libyaml has written.
private final class YAMLWriterOutput {
    var bytes: [UInt8] = []
}

/// libyaml's emitter.
private struct YAMLWriter: ~Copyable {
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    /// Not owned by the emitter.
    private let output: YAMLWriterOutput

    init?(_ output: YAMLWriterOutput) {
        emitter = .allocate(capacity: 1)
        self.output = output
        guard yaml_emitter_initialize(emitter) == 1 else {
            emitter.deallocate()
            return nil
        }
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_width(emitter, -1)
        yaml_emitter_set_output(
            emitter,
            { context, bytes, count in
                guard let context, let bytes else { return 0 }
                Unmanaged<YAMLWriterOutput>.fromOpaque(context).takeUnretainedValue().bytes
                    .append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
                return 1
            }, Unmanaged.passUnretained(output).toOpaque())
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
    }

    func write(_ value: YAMLOutput) throws(YAMLWriterProblem) {
        try emit { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
        try emit { yaml_document_start_event_initialize(&$0, nil, nil, nil, 1) }
        try add(value)
        try emit { yaml_document_end_event_initialize(&$0, 1) }
        try emit { yaml_stream_end_event_initialize(&$0) }
        guard yaml_emitter_flush(emitter) == 1 else { throw YAMLWriterProblem() }
    }

    private func add(_ value: YAMLOutput) throws(YAMLWriterProblem) {
        switch value {
        case .text(let text):
            try scalar(text, PlainText.style(of: text))
        case .block(let text): try scalar(text, PlainText.blockStyle(of: text))
        case .number(let number): try scalar(String(number), YAML_PLAIN_SCALAR_STYLE)
        case .flag(let flag): try scalar(flag ? "true" : "false", YAML_PLAIN_SCALAR_STYLE)
        case .list(let elements): try list(elements, YAML_BLOCK_SEQUENCE_STYLE)
        case .row(let elements): try list(elements, YAML_FLOW_SEQUENCE_STYLE)
        case .map(let entries):
            try emit { yaml_mapping_start_event_initialize(&$0, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE) }
            for entry in entries {
                try add(.text(entry.key))
                try add(entry.value)
            }
            try emit { yaml_mapping_end_event_initialize(&$0) }
        }
    }

    private func list(_ elements: [YAMLOutput], _ style: yaml_sequence_style_t) throws(YAMLWriterProblem) {
        try emit { yaml_sequence_start_event_initialize(&$0, nil, nil, 1, style) }
        for element in elements { try add(element) }
        try emit { yaml_sequence_end_event_initialize(&$0) }
    }

    private func scalar(_ text: String, _ style: yaml_scalar_style_t) throws(YAMLWriterProblem) {
        let bytes = Array(text.utf8)
        try emit { event in
            bytes.withUnsafeBufferPointer { buffer in
                yaml_scalar_event_initialize(
                    &event, nil, nil, buffer.baseAddress, Int32(clamping: buffer.count),
                    style == YAML_PLAIN_SCALAR_STYLE ? 1 : 0, 1, style)
            }
        }
    }

    /// The emitter frees the event.
    private func emit(_ initialize: (inout yaml_event_t) -> Int32) throws(YAMLWriterProblem) {
        var event = yaml_event_t()
        guard initialize(&event) == 1, yaml_emitter_emit(emitter, &event) == 1 else { throw YAMLWriterProblem() }
    }
}

/// Which texts no version of YAML reads as something else when they are not quoted.
private enum PlainText {
    /// In YAML 1.1 and 1.2.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Quotes that need no escapes, where there are any.
    static func style(of text: String) -> yaml_scalar_style_t {
        if isSafe(text) { return YAML_PLAIN_SCALAR_STYLE }
        let isReadable = text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "'") }
        let hasEscapes = text.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        return isReadable && hasEscapes ? YAML_SINGLE_QUOTED_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE
    }

    /// A block keeps line feeds only.
    static func blockStyle(of text: String) -> yaml_scalar_style_t {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n"
                || ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
        return isPlain ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE
    }

    private static func isSafe(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/"), text.utf8.last != 0x20 else {
            return false
        }
        // `on` is a key of GitHub's workflows, where nobody reads it as a flag.
        return text.utf8.allSatisfy(isPlain) && (text == "on" || !reserved.contains(text.lowercased()))
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || " ./@=+-()".utf8.contains(byte)
    }
}
