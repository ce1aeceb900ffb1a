/// The tables of docs/workflow-syntax.md, generated from the declarations.
package enum SyntaxReference {
    /// By the name in the document: the table is between `<!-- table: NAME -->` and `<!-- end -->`.
    package static var tables: [String: String] {
        var tables = tables(of: KeyGroup.all)
        tables["contexts"] = table(
            ["context", "contents"], ExpressionContext.allCases.map { ["`\($0.rawValue)`", describe($0)] })
        tables["functions"] = table(
            ["function", "result"], BuiltinFunction.allCases.map { ["`\($0.usage.call)`", $0.usage.summary] })
        tables["diagnostics"] = table(
            ["code", "problem"], DiagnosticCode.allCases.map { [$0.rawValue, $0.summary] })
        return tables
    }

    package static func tables(of groups: [KeyGroup]) -> [String: String] {
        Dictionary(groups.map { ($0.name, table($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The document with its tables, each between `<!-- table: NAME -->` and `<!-- end -->`. One of another name is kept.
    package static func filled(_ document: String, with tables: [String: String]) -> String {
        var lines: [Substring] = []
        var isReplaced = false
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "<!-- end -->" { isReplaced = false }
            if !isReplaced { lines.append(line) }
            guard line.hasPrefix("<!-- table: "),
                let table = tables[String(line.dropFirst("<!-- table: ".count).dropLast(" -->".count))]
            else { continue }
            isReplaced = true
            lines += table.split(separator: "\n")
        }
        return lines.joined(separator: "\n")
    }

    private static func table(_ group: KeyGroup) -> String {
        table(
            ["key", "meaning", "example"],
            group.keys.map {
                ["`\($0.name)`", $0.summary + ($0.isRequired ? " Required." : ""), "`\($0.example)`"]
            })
    }

    private static func describe(_ context: ExpressionContext) -> String {
        guard let names = context.fixedNames else { return context.summary }
        let paths = names.keys.sorted().flatMap { name in
            let members = names[name] ?? []
            return members.isEmpty ? [name] : members.map { "\(name).\($0)" }
        }
        return "\(context.summary): \(paths.map { "`\($0)`" }.joined(separator: ", "))"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
        let escaped = rows.map {
            $0.map { $0.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") }
        }
        return ([line(head), line(head.map { _ in "---" })] + escaped.map(line)).joined(separator: "\n")
    }
}
