/// One YAML document as a tree. Aliases, anchors, merge keys and tags, which make YAML dangerous, are problems.
package struct YAMLDocument: Sendable {
    /// 256 KiB: far more than a workflow written by hand.
    package static let maximumSize = 262_144
    /// Nested collections; a workflow needs nine.
    package static let maximumDepth = 64

    /// Nil if nothing is readable.
    package let root: YAMLNode?
    package let problems: [YAMLProblem]

    /// Does not throw: errors are in `problems`, and `root` has what is readable.
    package init(_ bytes: [UInt8], maximumSize: Int = maximumSize) {
        guard bytes.count <= maximumSize else {
            root = nil
            problems = [
                YAMLProblem(
                    kind: .unreadable,
                    message: "the file is too large: \(bytes.count) bytes, at most \(maximumSize)",
                    hint: maximumSize == Self.maximumSize
                        ? "split it into several workflows: 'uses: ./other.yml'" : "split it into several files",
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

/// Why a text is not a supported YAML document, and where.
package struct YAMLProblem: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        case unreadable, refused, duplicateKey
    }

    package var kind: Kind
    package var message: String
    package var hint: String?
    package var mark: YAMLNode.Mark
}

/// Hints for YAML syntax errors, from libyaml's message and the line.
enum YAMLHint {
    static let quotedNegation = "quote text that starts with '!': if: \"!failure()\""

    /// Nil if there is no specific hint.
    static func hint(for problem: String, line: String) -> String? {
        if line.contains(": !") { return quotedNegation }
        switch problem {
        case "mapping values are not allowed in this context":
            return "quote text that contains ': ', and align the keys of one level"
        case "found character that cannot start any token":
            return line.contains("\t")
                ? "indent with spaces, not with tabs" : "quote text that starts with '@', '`' or '%'"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return "indent with spaces, not with tabs"
        case "found unknown escape character": return "in double quotes write '\\\\' for '\\', or use single quotes"
        case "found unexpected end of stream": return "close the quote or bracket before this"
        default: return nil
        }
    }
}
