/// A word of the expression language and where it begins, in Unicode scalars.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case name(String)
        case string(String)
        case number(Double)
        /// An operator or a bracket.
        case symbol(String)
        case end
    }

    var kind: Kind
    var offset: Int

    /// For messages.
    var description: String {
        switch kind {
        case .name(let name): "'\(name)'"
        case .string(let text): "the text '\(text)'"
        case .number(let number): "the number \(Value.number(number).text)"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end"
        }
    }
}
