/// Parses a workflow file: text to tree, tree against the table of keys, tree to values.
package struct WorkflowParser {
    /// The workflow as far as it is readable, nil if it is not, and every problem of its structure. References are
    /// checked by the validator.
    package static func parse(_ bytes: [UInt8], file: String) -> (file: WorkflowFile?, diagnostics: [Diagnostic]) {
        // Some editors write a byte order mark, which is not part of the text.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        var collector = DiagnosticCollector(SourceText(bytes, file: file))
        let document = YAMLDocument(bytes)
        for problem in document.problems { collector.report(problem) }
        guard let root = document.root else {
            if document.problems.isEmpty {
                collector.report(
                    .unreadable, "the file is empty", at: YAMLNode.Mark(line: 1, column: 1),
                    hint: "start with: version: 1")
            }
            return (nil, collector.diagnostics)
        }
        var check = StructureCheck(collector)
        check.check(root, .workflow)
        guard root.entries != nil else { return (nil, check.collector.diagnostics) }
        var builder = WorkflowBuilder(check.collector)
        builder.build(root)
        return (builder.file, builder.collector.diagnostics)
    }
}
