/// One YAML document as a tree, without what makes YAML dangerous: aliases, anchors, merge keys, tags.
package struct YAMLDocument: Sendable {
    /// 256 KiB: far more than anybody writes by hand.
    package static let maximumSize = 262_144
    /// Collections in collections; a workflow needs nine.
    package static let maximumDepth = 64

    /// Nil when nothing could be read.
    package let root: YAMLNode?
    package let problems: [YAMLProblem]

    /// Never throws: what is wrong is in `problems`, and `root` has what could be read.
    package init(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumSize else {
            root = nil
            problems = [
                YAMLProblem(
                    kind: .unreadable, message: "the file has \(bytes.count) bytes, more than \(Self.maximumSize)",
                    hint: "split it into workflows that use one another: 'uses: ./other.yml'",
                    mark: .init(line: 1, column: 1))
            ]
            return
        }
        (root, problems) = bytes.withUnsafeBufferPointer { buffer in
            var builder = YAMLTreeBuilder()
            let root = builder.build(buffer)
            return (root, builder.problems)
        }
    }
}

/// Why a text is not a YAML document as workflows are written in, and where.
package struct YAMLProblem: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        case unreadable, refused, duplicateKey
    }

    package var kind: Kind
    package var message: String
    package var hint: String?
    package var mark: YAMLNode.Mark
}

/// What to do about a text that is not YAML, as far as its line tells.
enum YAMLHint {
    static let quotedNegation = "a text that begins with '!' needs quotes: if: \"!failure()\""

    /// Nil when the line says nothing.
    static func hint(for problem: String, line: String) -> String? {
        if line.contains(": !") { return quotedNegation }
        switch problem {
        case "mapping values are not allowed in this context":
            return "a text that holds ': ' needs quotes; lines of one level begin in one column"
        case "found character that cannot start any token":
            return line.contains("\t")
                ? "indent with spaces, not with tabs" : "a text that begins with '@', '`' or '%' needs quotes"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return "indent with spaces, not with tabs"
        case "found unknown escape character": return "in double quotes write '\\\\' for '\\', or use single quotes"
        case "found unexpected end of stream": return "a quote or a bracket before this is not closed"
        default: return nil
        }
    }
}
