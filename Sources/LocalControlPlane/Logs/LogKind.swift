/// The two logs of a revision.
enum LogKind: String, Sendable, CaseIterable {
    case build, deploy
}
