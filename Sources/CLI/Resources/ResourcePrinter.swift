import Clocks
import ControlPlaneTypes
import FoundationEssentials
import JSON
import Redaction
import Reports

/// Prints resources as tables or as the API's own JSON, with secret values redacted.
struct ResourcePrinter: Sendable {
    let form: ResourceOptions.Form
    let style: Style
    /// Columns of the terminal; nil when nothing needs to be cut.
    let width: Int?
    let clean: TextSanitizer
    let now: Date
    let write: @Sendable (String) -> Void

    init(
        form: ResourceOptions.Form, style: Style, width: Int?, clean: TextSanitizer, now: Date,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.form = form
        self.style = style
        self.width = width
        self.clean = clean
        self.now = now
        self.write = write
    }

    init(_ options: ResourceOptions, environment: [String: String], now: Date) {
        let isCI = options.terminal.isCI(environment)
        let isTerminal = StandardOutput.isTerminal
        self.init(
            form: options.output,
            style: Style(
                choice: options.terminal.color, environment: environment, isTerminal: isTerminal, isCI: isCI),
            width: isTerminal ? StandardOutput.width() : nil, clean: TextSanitizer(escapesCICommands: isCI), now: now,
            write: StandardOutput.write)
    }

    /// `noun` is the plural for the message about an empty list.
    func list(_ resources: [RawJSON], _ table: ResourceTable, noun: String) {
        if form == .json { return json(.array(resources)) }
        if resources.isEmpty { return write("no \(noun)\n") }
        let rows = resources.map { resource in table.columns.map { $0.cell(resource, now) } }
        for line in table.layout.lines(rows, clean: clean, style: style, width: width) { write(line + "\n") }
    }

    /// Every field of one resource.
    func record(_ resource: RawJSON) {
        if form == .json { return json(resource) }
        for line in RecordOutline(resource.redacted).lines { write(clean.line(line) + "\n") }
    }

    /// The result of a change: the response as JSON, or `sentence` as text.
    func change(_ answer: RawJSON?, _ sentence: String) {
        if form == .text { return write(clean.line(sentence) + "\n") }
        if let answer { json(answer) }
    }

    /// Log lines: their text, or the entries as JSON.
    func logs(_ entries: [RawJSON]) {
        if form == .json { return json(.array(entries)) }
        let redactor = Redactor()
        for entry in entries { write(clean.line(redactor.redact(entry["message"]?.text ?? "")) + "\n") }
    }

    func json(_ value: RawJSON) {
        document(value.redacted)
    }

    /// JSON without redaction.
    func document(_ value: RawJSON) {
        write(clean.json(value.indented) + "\n")
    }

    /// A response that is not JSON.
    func text(_ text: String) {
        let isSeen = width != nil || clean.escapesCICommands
        write(isSeen ? clean.lines(text).joined(separator: "\n") + "\n" : text)
    }
}

/// One resource as lines of `path  value`, without null or empty values.
struct RecordOutline: Sendable {
    private var rows: [(path: String, value: String)] = []

    /// `resource` must be redacted already.
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

    /// The text of an element in a list on one line, for a scalar or a pair of name and value.
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
