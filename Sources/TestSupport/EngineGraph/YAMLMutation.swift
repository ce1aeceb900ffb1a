package import WorkflowModel

/// A change of a YAML tree that somebody could make by mistake.
package enum YAMLMutation {
    /// Where a node is: keys and indices from the root.
    package typealias Path = [String]

    /// The tree with one change, and what it was; nil where the change leaves the tree as it is.
    package static func mutant(
        of root: YAMLNode, _ random: inout some RandomNumberGenerator, where isRelevant: (Path) -> Bool
    ) -> (tree: YAMLNode, change: String)? {
        var paths: [Path] = []
        collect(root, [], &paths)
        guard let path = paths.filter(isRelevant).randomElement(using: &random) else { return nil }
        let kind = Int.random(in: 0..<3, using: &random)
        let tree = change(root, path[...], kind)
        return tree == root ? nil : (tree, "\(["remove", "double", "alter"][kind]) \(path.joined(separator: "."))")
    }

    private static func collect(_ node: YAMLNode, _ path: Path, _ paths: inout [Path]) {
        if !path.isEmpty { paths.append(path) }
        for entry in node.entries ?? [] { collect(entry.value, path + [entry.key], &paths) }
        for (index, element) in (node.elements ?? []).enumerated() { collect(element, path + ["\(index)"], &paths) }
    }

    private static func change(_ node: YAMLNode, _ path: ArraySlice<String>, _ kind: Int) -> YAMLNode {
        guard let first = path.first else { return altered(node) }
        let rest = path.dropFirst()
        var node = node
        switch node.content {
        case .mapping(var entries):
            guard let index = entries.firstIndex(where: { $0.key == first }) else { return node }
            switch kind {
            case 0 where rest.isEmpty: entries.remove(at: index)
            // A key cannot be there twice: it gets another name.
            case 1 where rest.isEmpty: entries[index].key += "x"
            default: entries[index].value = change(entries[index].value, rest, kind)
            }
            node.content = .mapping(entries)
        case .sequence(var elements):
            guard let index = Int(first), elements.indices.contains(index) else { return node }
            switch kind {
            case 0 where rest.isEmpty: elements.remove(at: index)
            case 1 where rest.isEmpty: elements.insert(elements[index], at: index)
            default: elements[index] = change(elements[index], rest, kind)
            }
            node.content = .sequence(elements)
        case .scalar: break
        }
        return node
    }

    private static func altered(_ node: YAMLNode) -> YAMLNode {
        var node = node
        switch node.content {
        case .scalar("false", let style): node.content = .scalar("true", style)
        case .scalar("true", let style): node.content = .scalar("false", style)
        case .scalar(let text, let style): node.content = .scalar("x" + text, style)
        case .sequence: node.content = .sequence([])
        case .mapping: node.content = .mapping([])
        }
        return node
    }
}
