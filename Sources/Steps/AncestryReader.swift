import Git

/// Asks the local clone whether one commit contains another.
struct AncestryReader: Sendable {
    let directory: String

    /// Nil when the clone cannot tell, for example because it is shallow or there is none.
    func isAncestor(_ ancestor: String, of descendant: String) async -> Bool? {
        guard let ancestor = CommitID(ancestor), let descendant = CommitID(descendant) else { return nil }
        do {
            let repository = try await Repository.open(containing: directory)
            return switch try await repository.isAncestor(ancestor, of: descendant) {
            case .yes: true
            case .no: false
            case .unknown: nil
            }
        } catch {
            return nil
        }
    }
}
