/// An expression with the names that it uses and where they stand, for checks before a run.
package struct ParsedExpression: Sendable, Equatable {
    /// A path into the contexts.
    package struct Reference: Sendable, Equatable {
        package var path: [String]
        /// In Unicode scalars from the start of the text.
        package var offset: Int
    }

    package struct Call: Sendable, Equatable {
        package var name: String
        package var argumentCount: Int
        /// In Unicode scalars from the start of the text.
        package var offset: Int
    }

    package var expression: Expression
    package var references: [Reference] = []
    package var calls: [Call] = []
}
