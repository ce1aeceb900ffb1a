import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird

/// Reads the parameters of a request's query and collects every problem.
struct QueryReader {
    private let parameters: [(name: String, value: String)]
    private(set) var problems: [FieldProblem] = []

    init(_ request: Request) {
        let query = request.uri.query ?? ""
        parameters = query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(halves.first), Self.decoded(halves.dropFirst().first))
        }
    }

    func string(_ name: String) -> String? {
        // The last value wins, as in FastAPI.
        parameters.last { $0.name == name }?.value
    }

    func all(_ name: String) -> [String] {
        parameters.filter { $0.name == name }.map(\.value)
    }

    func list(_ name: String) -> [String]? {
        string(name).map { text in
            text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        }
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        guard let text = string(name) else { return fallback }
        guard let value = Int(text) else {
            problems.append(
                FieldProblem(
                    "int_parsing", at: location(name),
                    "Input should be a valid integer, unable to parse string as an integer", input: .string(text)))
            return fallback
        }
        if let problem = FieldProblem.range(location(name), value, in: range, input: .string(text)) {
            problems.append(problem)
        }
        return value
    }

    mutating func boolean(_ name: String, default fallback: Bool) -> Bool {
        guard let text = string(name) else { return fallback }
        switch text.lowercased() {
        case "true", "1", "on", "t", "y", "yes": return true
        case "false", "0", "off", "f", "n", "no": return false
        default:
            problems.append(
                FieldProblem(
                    "bool_parsing", at: location(name),
                    "Input should be a valid boolean, unable to interpret input", input: .string(text)))
            return fallback
        }
    }

    mutating func choice(_ name: String, of allowed: [String]) -> String? {
        guard let text = string(name) else { return nil }
        if !allowed.contains(text) {
            problems.append(.choice(location(name), of: allowed, input: .string(text)))
        }
        return text
    }

    /// The UUID in lower case, as ids are stored.
    mutating func uuid(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        guard let uuid = UUID(uuidString: text) else {
            problems.append(.uuid(location(name), input: .string(text)))
            return nil
        }
        return uuid.uuidString.lowercased()
    }

    mutating func require(_ name: String) {
        if string(name) == nil { problems.append(.missing(location(name), in: .null)) }
    }

    mutating func date(_ name: String) -> Date? {
        guard let text = string(name) else { return nil }
        let date = Timestamp(text: text).date
        if date == nil { problems.append(.date(location(name), input: .string(text))) }
        return date
    }

    /// - Throws: `APIProblem` (422) when a parameter read so far was invalid.
    func validate() throws {
        if !problems.isEmpty { throw APIProblem(problems) }
    }

    private func location(_ name: String) -> [FieldProblem.Part] { [.key("query"), .key(name)] }

    private static func decoded(_ text: Substring?) -> String {
        let spaced = (text ?? "").replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
}

extension FieldProblem {
    static func range(_ location: [Part], _ value: Int, in range: ClosedRange<Int>, input: JSONValue) -> FieldProblem? {
        if value < range.lowerBound {
            return FieldProblem(
                "greater_than_equal", at: location,
                "Input should be greater than or equal to \(range.lowerBound)", input: input,
                context: ["ge": .integer(range.lowerBound)])
        }
        if value > range.upperBound {
            return FieldProblem(
                "less_than_equal", at: location, "Input should be less than or equal to \(range.upperBound)",
                input: input, context: ["le": .integer(range.upperBound)])
        }
        return nil
    }

    static func date(_ location: [Part], input: JSONValue) -> FieldProblem {
        FieldProblem("datetime_from_date_parsing", at: location, "Input should be a valid datetime", input: input)
    }
}
