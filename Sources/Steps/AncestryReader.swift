import Git

/// Asks the local clone whether one commit contains another.
struct AncestryReader: Sendable {
    let directory: String

    /// Nil when the clone cannot tell, for example because it is shallow.
    func isAncestor(_ ancestor: String, of descendant: String) async -> Bool? {
        guard let ancestor = CommitID(ancestor), let descendant = CommitID(descendant),
            let repository = try? await Repository.open(containing: directory)
        else { return nil }
        return switch await repository.isAncestor(ancestor, of: descendant) {
        case .yes: true
        case .no: false
        case .unknown: nil
        }
    }
}
