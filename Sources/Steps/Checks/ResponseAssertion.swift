import ControlPlane
import ControlPlaneTypes
import FoundationEssentials

/// The conditions that a good answer meets.
struct ResponseAssertion: Equatable {
    /// A place in the JSON of the body, and what has to stand there; nil for anything but null.
    struct Member: Equatable {
        var pointer: JSONPointer
        var expected: String?
    }

    var statuses: [StatusPattern]
    var bodyPart: String?
    var members: [Member] = []

    /// What is wrong with the answer; nil when it is good.
    func problem(with response: HTTPResponse) -> String? {
        guard statuses.contains(where: { $0.contains(response.status) }) else {
            return "HTTP \(response.status), not \(statuses.map(\.description).joined(separator: " or "))"
        }
        if let bodyPart, !String(decoding: response.body, as: UTF8.self).contains(bodyPart) {
            return "HTTP \(response.status), but the body does not contain '\(bodyPart)'"
        }
        guard !members.isEmpty else { return nil }
        do {
            let document = try JSONDecoder().decode(JSONValue.self, from: response.body)
            return members.lazy.compactMap { Self.problem(with: document, $0) }.first
        } catch {
            return "HTTP \(response.status), but the body is not JSON"
        }
    }

    private static func problem(with document: JSONValue, _ member: Member) -> String? {
        let value = member.pointer.value(in: document) ?? .null
        guard value != .null else { return "nothing at \(member.pointer)" }
        guard let expected = member.expected, value.scalarText != expected else { return nil }
        let found = value.scalarText.map { "'\($0.prefix(80))'" } ?? "no single value"
        return "\(member.pointer) is \(found), not '\(expected)'"
    }
}

extension JSONValue {
    /// Nil for lists and objects.
    fileprivate var scalarText: String? {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): "\(number)"
        case .decimal(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): text
        case .array, .object: nil
        }
    }
}

/// HTTP statuses that are good: `200`, or a class such as `2xx`.
struct StatusPattern: Equatable, CustomStringConvertible {
    let description: String
    private let statuses: ClosedRange<Int>

    init?(_ text: String) {
        if let status = Int(text), (100...599).contains(status) {
            statuses = status...status
        } else if text.utf8.count == 3, text.hasSuffix("xx"), let digit = Int(text.prefix(1)), (1...5).contains(digit) {
            statuses = digit * 100...digit * 100 + 99
        } else {
            return nil
        }
        description = text
    }

    func contains(_ status: Int) -> Bool { statuses.contains(status) }
}
