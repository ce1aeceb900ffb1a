/// Shortens the id of a job for display. The id of a job in a workflow that a step uses is a path, such as
/// `deploy (eu) › deploy › deploy`; parts that repeat the one before them are left out.
struct JobName: Sendable {
    private static let separator: Character = "›"

    let style: Style

    func text(_ id: String) -> String {
        var kept: [Substring] = []
        for part in id.split(separator: Self.separator) {
            let name = part.trimmingSpaces
            if let last = kept.last, Self.base(last) == Self.base(name) { continue }
            kept.append(name)
        }
        return kept.joined(separator: style.usesUnicode ? " › " : " > ")
    }

    /// The name without the row of a matrix.
    private static func base(_ name: Substring) -> Substring {
        guard name.hasSuffix(")"), let row = name.firstRange(of: " (") else { return name }
        return name[..<row.lowerBound]
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
