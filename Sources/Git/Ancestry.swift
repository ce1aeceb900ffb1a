/// Whether one commit is an ancestor of, or the same as, another.
package enum Ancestry: Equatable, Sendable {
    case yes
    case no
    /// The history here does not reach far enough to tell.
    case unknown(reason: String)
}
