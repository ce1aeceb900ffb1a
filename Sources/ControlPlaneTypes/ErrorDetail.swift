/// The `detail` of an error response: a message, or FastAPI's list of problems.
package enum ErrorDetail: Codable, Sendable, Equatable {
    case message(String)
    case problems([ValidationProblem])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let problems = try? container.decode([ValidationProblem].self) {
            self = .problems(problems)
        } else {
            self = .message(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .message(let text): try container.encode(text)
        case .problems(let problems): try container.encode(problems)
        }
    }

    /// One line with all problems, such as `body.name: Field required`.
    package var text: String {
        switch self {
        case .message(let text): text
        case .problems(let problems): problems.map { "\($0.path): \($0.message)" }.joined(separator: "; ")
        }
    }
}

/// A field of a request that is invalid.
package struct ValidationProblem: Codable, Sendable, Equatable {
    package var location: [LocationPart]
    package var message: String
    package var type: String

    package init(location: [LocationPart], message: String, type: String) {
        self.location = location
        self.message = message
        self.type = type
    }

    package var path: String { location.map(\.text).joined(separator: ".") }

    private enum CodingKeys: String, CodingKey {
        case location = "loc"
        case message = "msg"
        case type
    }

    /// A key or an index in the path of the field.
    package enum LocationPart: Codable, Sendable, Equatable {
        case key(String)
        case index(Int)

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let index = try? container.decode(Int.self) {
                self = .index(index)
            } else {
                self = .key(try container.decode(String.self))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .key(let name): try container.encode(name)
            case .index(let position): try container.encode(position)
            }
        }

        package var text: String {
            switch self {
            case .key(let name): name
            case .index(let position): String(position)
            }
        }
    }
}

/// The body of an error response; gateways may leave out the detail.
package struct ErrorBody: Codable, Sendable {
    package var detail: ErrorDetail?

    package init(detail: ErrorDetail?) { self.detail = detail }
}
