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
