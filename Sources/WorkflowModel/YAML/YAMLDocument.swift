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
