/// A command of a manifest: a list of arguments, or one line for `/bin/sh`.
package enum AgentCommand: Sendable, Equatable, Decodable {
    case arguments([String])
    case shell(String)

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let line = try? value.decode(String.self) {
            self = .shell(line)
        } else {
            self = .arguments(try value.decode([String].self))
        }
        if isEmpty {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "empty command")
        }
    }

    /// What is executed, with every `{port}` replaced.
    package func argv(port: Int? = nil) -> [String] {
        let words =
            switch self {
            case .arguments(let words): words
            case .shell(let line): ["/bin/sh", "-c", line]
            }
        guard let port else { return words }
        return words.map { $0.replacing("{port}", with: String(port)) }
    }

    private var isEmpty: Bool {
        switch self {
        case .arguments(let words): words.first?.isEmpty ?? true
        case .shell(let line): line.allSatisfy(\.isWhitespace)
        }
    }
}

extension AgentCommand: CustomStringConvertible {
    package var description: String {
        switch self {
        case .arguments(let words): words.joined(separator: " ")
        case .shell(let line): line
        }
    }
}
