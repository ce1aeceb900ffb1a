import Clocks
import ControlPlaneTypes
import FoundationEssentials
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
        write(SafeJSONText(escapesCICommands: clean.escapesCICommands).escape(value.indented) + "\n")
    }

    /// An answer that is no JSON.
    func text(_ text: String) {
        let isSeen = width != nil || clean.escapesCICommands
        write(isSeen ? clean.lines(text).joined(separator: "\n") + "\n" : text)
    }
}

/// JSON that means the same and cannot steer who shows it: controls that JSON allows in strings are written as escapes.
struct SafeJSONText: Sendable {
    /// Whether a CI system looks for commands in what is printed.
    let escapesCICommands: Bool

    func escape(_ json: String) -> String {
        guard needsEscapes(json) else { return json }
        var result = String.UnicodeScalarView()
        var rest = json.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            // GitHub reads `##[command]` anywhere in a line.
            let isCommand = escapesCICommands && scalar == "#" && rest.starts(with: "#[".unicodeScalars)
            if isCommand || Self.isControl(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += #"\u"#.unicodeScalars
                result += String(repeating: "0", count: max(4 - digits.count, 0)).unicodeScalars
                result += digits.unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private func needsEscapes(_ json: String) -> Bool {
        (escapesCICommands && json.utf8.contains(UInt8(ascii: "#")))
            || json.unicodeScalars.contains(where: Self.isControl)
    }

    /// DEL, the C1 controls, and what changes the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
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
