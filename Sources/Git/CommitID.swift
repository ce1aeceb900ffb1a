/// The full id of a commit: 40 lower-case hex digits (SHA-1) or 64 (SHA-256).
package struct CommitID: Hashable, Sendable, CustomStringConvertible {
    private static let digits = Set("0123456789abcdef".utf8)
    private static let lengths: Set<Int> = [40, 64]

    package let description: String

    /// `nil` for anything but a full id; capital digits are folded.
    package init?(_ text: some StringProtocol) {
        let folded = text.lowercased()
        guard Self.lengths.contains(folded.utf8.count), folded.utf8.allSatisfy(Self.digits.contains) else { return nil }
        description = folded
    }

    /// The first 12 digits, for people.
    package var abbreviated: String { String(description.prefix(12)) }
}
