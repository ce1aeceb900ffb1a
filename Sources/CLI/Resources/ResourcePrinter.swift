import Clocks
import ControlPlaneTypes
import FoundationEssentials
import JSON
import Redaction
import Reports

/// Prints resources: as tables for people, or as the API's own JSON. Values of secrets are in neither.
struct ResourcePrinter: Sendable {
    let form: ResourceOptions.Form
    let style: Style
    /// Columns of the terminal; nil where nothing needs to be cut.
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

    /// `noun` is the plural that an empty list is told with.
    func list(_ resources: [RawJSON], _ table: ResourceTable, noun: String) {
        if form == .json { return json(.array(resources)) }
        if resources.isEmpty { return write("no \(noun)\n") }
        let rows = resources.map { resource in table.columns.map { $0.cell(resource, now) } }
        for line in table.layout.lines(rows, clean: clean, style: style, width: width) { write(line + "\n") }
    }

    /// All that is known of one resource.
    func record(_ resource: RawJSON) {
        if form == .json { return json(resource) }
        for line in RecordOutline(resource.redacted).lines { write(clean.line(line) + "\n") }
    }

    /// What a change came to: its answer, or `sentence` for people.
    func change(_ answer: RawJSON?, _ sentence: String) {
        if form == .text { return write(clean.line(sentence) + "\n") }
        if let answer { json(answer) }
    }

    /// Log lines: their text, or the entries as they came.
    func logs(_ entries: [RawJSON]) {
        if form == .json { return json(.array(entries)) }
        for entry in entries { write(clean.line(entry["message"]?.text ?? "") + "\n") }
    }

    func json(_ value: RawJSON) {
        document(value.redacted)
    }

    /// JSON with everything that is in it.
    func document(_ value: RawJSON) {
        write(clean.json(value.indented) + "\n")
    }

    /// An answer that is no JSON.
    func text(_ text: String) {
        let isSeen = width != nil || clean.escapesCICommands
        write(isSeen ? clean.lines(text).joined(separator: "\n") + "\n" : text)
    }
}

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
