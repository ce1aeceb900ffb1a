import ControlPlane
import ControlPlaneTypes
import Redaction
import Steps
import WorkflowModel

/// Reads a `.slipway.yml` and reports every problem of it.
struct SettingsParser {
    private let source: SourceText
    private var file = SettingsFile()
    private var diagnostics: [Diagnostic] = []
    private var reasonsMark: YAMLNode.Mark?

    /// The file is nil if there is any problem. `name` is its name in messages.
    static func parse(_ bytes: [UInt8], name: String) -> (file: SettingsFile?, diagnostics: [Diagnostic]) {
        var parser = SettingsParser(source: SourceText(bytes, file: name))
        parser.parse(YAMLDocument(bytes))
        let found = parser.diagnostics.sorted { $0.position < $1.position }
        return (found.isEmpty ? parser.file : nil, found)
    }

    private init(source: SourceText) { self.source = source }

    private mutating func parse(_ document: YAMLDocument) {
        for problem in document.problems {
            let code: DiagnosticCode =
                switch problem.kind {
                case .unreadable: .unreadable
                case .refused: .refusedYAML
                case .duplicateKey: .duplicateKey
                }
            report(code, problem.message, at: problem.mark, hint: problem.hint)
        }
        guard let root = document.root, !root.isEmpty else { return }
        guard let entries = root.entries else {
            return report(.wrongType, "the file must be a mapping, found \(root.kindName)", at: root.mark)
        }
        file.base = settings(entries, SettingsKey.all, in: "the file")
        checkReasons()
    }

    private mutating func settings(
        _ entries: [YAMLNode.Entry], _ keys: [SettingsKey], in place: String
    ) -> ProjectSettings {
        var settings = ProjectSettings()
        for entry in entries {
            guard let key = keys.first(where: { $0.name == entry.key }) else {
                reportUnknown(entry, keys, in: place)
                continue
            }
            if let text = Self.texts(in: entry.value).first(where: { Redactor().redact($0) != $0 }) {
                report(
                    .secretNotAllowed, "'\(entry.key)' contains what looks like a secret (\(Redactor().redact(text)))",
                    at: entry.value.mark, hint: "this file is committed: keep keys in the environment")
                continue
            }
            read(entry.value, key, into: &settings, isEnvironment: keys.count < SettingsKey.all.count)
        }
        return settings
    }

    private static func texts(in node: YAMLNode) -> [String] {
        [node.text].compactMap(\.self) + (node.elements ?? []).compactMap(\.text)
    }

    private mutating func reportUnknown(_ entry: YAMLNode.Entry, _ keys: [SettingsKey], in place: String) {
        guard SettingsKey.namesSecret(entry.key) else {
            return report(
                .unknownKey, "unknown key '\(entry.key)' in \(place)", at: entry.keyMark,
                hint: Suggestion.hint(for: entry.key, among: keys.map(\.name)))
        }
        report(
            .secretNotAllowed, "'\(entry.key)' does not belong here", at: entry.keyMark,
            hint: "this file is committed: keep keys in the environment (LANGSMITH_API_KEY) or in --secrets-file",
            hiding: entry.value)
    }

    private mutating func read(
        _ node: YAMLNode, _ key: SettingsKey, into settings: inout ProjectSettings, isEnvironment: Bool
    ) {
        let line = node.mark.line
        switch key.name {
        case "environments": readEnvironments(node)
        case "require-reason": readReason(node, into: &settings, isEnvironment: isEnvironment)
        case "smoke":
            settings.smoke = paths(node, key).map { .init(value: $0, line: line) }
        case "record":
            settings.record = text(node, key).flatMap { RecordOptions.Sharing(rawValue: $0) }
                .map { .init(value: $0, line: line) }
        default:
            guard let text = text(node, key) else { return }
            let setting = ProjectSettings.Setting(value: text, line: line)
            switch key.name {
            case "deployment": settings.deployment = setting
            case "control-plane": settings.controlPlane = setting
            case "workspace": settings.workspace = setting
            default: settings.config = setting
            }
        }
    }

    private mutating func readEnvironments(_ node: YAMLNode) {
        guard let entries = node.entries else {
            return report(
                .wrongType, "'environments' must be a mapping of names, found \(node.kindName)", at: node.mark)
        }
        for entry in entries {
            let place = "environment '\(entry.key)'"
            if !Self.isName(entry.key) {
                report(
                    .invalidValue, "invalid name '\(entry.key)'", at: entry.keyMark,
                    hint: "use letters, digits, '-', '_' and '.'")
            }
            guard let members = entry.value.entries else {
                report(.wrongType, "\(place) must be a mapping, found \(entry.value.kindName)", at: entry.value.mark)
                continue
            }
            if entry.value["deployment"] == nil {
                report(
                    .missingKey, "missing key 'deployment' in \(place)", at: entry.keyMark,
                    hint: "name the deployment of this environment, so that no other one is taken for it")
            }
            file.environments.append((entry.key, settings(members, SettingsKey.ofEnvironment, in: place)))
        }
    }

    private mutating func readReason(_ node: YAMLNode, into settings: inout ProjectSettings, isEnvironment: Bool) {
        if let boolean = node.coreBoolean {
            settings.requiresReason = .init(value: boolean, line: node.mark.line)
        } else if !isEnvironment, let names = node.elements.map({ $0.compactMap(\.text) }), !names.isEmpty {
            file.reasons = .init(value: names, line: node.mark.line)
            reasonsMark = node.mark
        } else {
            let wanted = isEnvironment ? "true or false" : "true, false or a list of environments"
            report(.wrongType, "'require-reason' must be \(wanted), found \(node.text ?? node.kindName)", at: node.mark)
        }
    }

    private mutating func checkReasons() {
        guard let reasons = file.reasons, let mark = reasonsMark else { return }
        for name in reasons.value where !file.environments.contains(where: { $0.name == name }) {
            report(
                .unknownName, "unknown environment '\(name)' in 'require-reason'",
                at: mark,
                hint: Suggestion.hint(for: name, among: file.environments.map(\.name)))
        }
    }
}

/// Single values.
extension SettingsParser {
    private mutating func text(_ node: YAMLNode, _ key: SettingsKey) -> String? {
        guard let text = node.text, !text.isEmpty else {
            report(.wrongType, "'\(key.name)' must be text, found \(node.kindName)", at: node.mark)
            return nil
        }
        guard let problem = problem(of: text, key.shape) else { return text }
        let found = Redactor().redact(text)
        report(.invalidValue, "invalid value '\(found)' for '\(key.name)'", at: node.mark, hint: problem)
        return nil
    }

    private mutating func paths(_ node: YAMLNode, _ key: SettingsKey) -> [String]? {
        let nodes = node.elements ?? [node]
        if nodes.isEmpty { report(.invalidValue, "'\(key.name)' is empty", at: node.mark) }
        let paths = nodes.compactMap { text($0, key) }
        return paths.count == nodes.count ? paths : nil
    }

    /// What to write instead; nil for a valid value.
    private func problem(of text: String, _ shape: SettingsKey.Shape) -> String? {
        switch shape {
        case .name: Self.isName(text) ? nil : "use letters, digits, '-', '_' and '.'"
        case .file:
            text.hasPrefix("/") || text.split(separator: "/").contains("..")
                ? "write a path inside of the repository, relative to its root" : nil
        case .controlPlane:
            text == "local" || (try? ControlPlaneAddress(text, source: "control-plane")) != nil
                ? nil : "use https://HOST, https://HOST/api-host for a self-hosted control plane, or local"
        case .uuid: DeploymentID(text).isUUID ? nil : "copy the workspace ID from the LangSmith settings"
        case .choice(let words): words.contains(text) ? nil : Suggestion.hint(for: text, among: words)
        case .paths: text.hasPrefix("/") ? SmokePath.problem(of: text).map { "write \($0)" } : "begin it with /"
        case .reason, .environments: nil
        }
    }

    private static func isName(_ text: String) -> Bool {
        text.first?.isLetter == true && text.utf8.count <= 100
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "-_.0123456789".unicodeScalars.contains($0))
            }
    }

    /// A secret in the line is not shown.
    private mutating func report(
        _ code: DiagnosticCode, _ message: String, at mark: YAMLNode.Mark, hint: String? = nil,
        hiding value: YAMLNode? = nil
    ) {
        var line = source.line(mark.line).map { Redactor().redact($0) }
        if let value, value.mark.line == mark.line, let text = line {
            line =
                String(String.UnicodeScalarView(text.unicodeScalars.prefix(value.mark.column - 1)))
                + Redactor.replacement
        }
        diagnostics.append(
            Diagnostic(
                code, message, at: SourcePosition(file: source.file, line: mark.line, column: mark.column), hint: hint,
                line: line))
    }
}
