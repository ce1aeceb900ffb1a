/// The keys of one kind of mapping: the table behind the parser, the schema and the documents.
package struct KeyGroup: Sendable {
    package struct Key: Sendable {
        package var key: WorkflowKey
        package var shape: Shape
        package var isRequired: Bool
        /// One sentence; also shown by editors.
        package var summary: String
        package var example: String

        init(_ key: WorkflowKey, _ shape: Shape, isRequired: Bool = false, _ summary: String, example: String) {
            self.key = key
            self.shape = shape
            self.isRequired = isRequired
            self.summary = summary
            self.example = example
        }
    }

    /// With its article, as messages name it.
    package var title: String
    package var name: String
    package var keys: [Key]

    init(_ title: String, name: String, _ keys: [Key]) {
        self.title = title
        self.name = name
        self.keys = keys
    }
}
