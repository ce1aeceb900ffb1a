package import WorkflowModel

/// A checked targets.yml.
package struct FleetFile: Sendable {
    /// 4 MiB: thousands of targets.
    package static let maximumSize = 4_194_304

    /// Nil if there is an error.
    package let fleet: Fleet?
    /// By position.
    package let diagnostics: [Diagnostic]

    /// Every problem of the file; reads nothing else.
    ///
    /// - Parameter problems: finds what is wrong with the inputs that a target, or what is discovered, gets for its
    ///   deploy: messages with their hints.
    package init(
        _ bytes: [UInt8], file: String, problems: ([String: Value]) -> [(message: String, hint: String?)] = { _ in [] }
    ) {
        // Some editors write a byte order mark, which is not part of the text.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let source = SourceText(bytes, file: file, maximumSize: Self.maximumSize)
        var collector = DiagnosticCollector(source)
        let document = YAMLDocument(bytes, maximumSize: Self.maximumSize)
        for problem in document.problems { collector.report(problem) }
        guard let root = document.root else {
            if document.problems.isEmpty {
                collector.report(
                    .unreadable, "the file is empty", at: SourcePosition(file: file, line: 1, column: 1),
                    hint: "start with: version: 1")
            }
            (fleet, diagnostics) = (nil, collector.diagnostics)
            return
        }
        var structure = StructureCheck(collector)
        structure.check(root, FleetKeys.file)
        var builder = FleetBuilder(structure.collector)
        let built = builder.fleet(root)
        var check = FleetCheck(fleet: built, collector: builder.collector)
        check.check()
        check.checkInputs(problems)
        diagnostics = check.collector.diagnostics.sorted {
            ($0.position, $0.code.rawValue) < ($1.position, $1.code.rawValue)
        }
        fleet = diagnostics.contains { $0.severity == .error } ? nil : built
    }

    /// Whether a file is one of targets, and not a workflow.
    package static func isFleet(_ bytes: [UInt8]) -> Bool {
        let text = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        let keys = text.filter { line in ["targets:", "waves:", "\"targets\":"].contains { line.starts(with: $0.utf8) }
        }
        let isWorkflow = text.contains { $0.starts(with: "jobs:".utf8) }
        if !keys.isEmpty || isWorkflow { return !isWorkflow }
        // Written in one line, or as JSON.
        return YAMLDocument(bytes, maximumSize: Self.maximumSize).root.map { $0["targets"] != nil && $0["jobs"] == nil }
            ?? false
    }

    package var text: String { diagnostics.map(\.text).joined(separator: "\n\n") }
}

extension FleetFile {
    package static func schema() throws -> String {
        try WorkflowSchema.json(of: FleetKeys.all, "targets", "A file of targets")
    }
}
