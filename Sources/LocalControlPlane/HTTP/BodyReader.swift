import ControlPlaneTypes
import Foundation
import Hummingbird
import NIOCore

/// Reads the fields of a JSON object in a request's body and collects every problem.
struct BodyReader {
    /// The largest JSON body that is read; real ones are far smaller.
    private static let maximumBytes = 4 << 20

    private final class Problems {
        var list: [FieldProblem] = []
    }

    private let fields: [String: JSONValue]
    private let location: [FieldProblem.Part]
    private let problems: Problems

    private init(_ fields: [String: JSONValue], at location: [FieldProblem.Part], problems: Problems) {
        self.fields = fields
        self.location = location
        self.problems = problems
    }

    /// - Throws: `APIProblem` when the body is too large (413), missing, not JSON or not an object (422).
    static func read(_ request: Request, allowingNone: Bool = false) async throws -> sending BodyReader {
        let data: Data
        do {
            data = Data(try await request.body.collect(upTo: maximumBytes).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw APIProblem(.contentTooLarge, "Request body is larger than \(maximumBytes) bytes")
        }
        return try parse(data, allowingNone: allowingNone)
    }

    static func parse(_ data: Data, allowingNone: Bool = false) throws -> sending BodyReader {
        let body: [FieldProblem.Part] = [.key("body")]
        if data.isEmpty {
            if allowingNone { return BodyReader([:], at: body, problems: Problems()) }
            throw APIProblem([.missing(body, in: .null)])
        }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: data) else {
            throw APIProblem([FieldProblem("json_invalid", at: body, "JSON decode error", input: .object([:]))])
        }
        guard case .object(let fields) = value else {
            throw APIProblem([.notAnObject(body, input: value)])
        }
        return BodyReader(fields, at: body, problems: Problems())
    }

    /// - Throws: `APIProblem` (422) when a field read so far was invalid.
    func validate() throws {
        if !problems.list.isEmpty { throw APIProblem(problems.list) }
    }

    func report(_ problem: FieldProblem) { problems.list.append(problem) }

    func path(_ name: String) -> [FieldProblem.Part] { location + [.key(name)] }

    /// The names of the fields, sorted.
    var names: [String] { fields.keys.sorted() }

    /// Nil for a missing field and for null, which the API treats alike.
    func value(_ name: String) -> JSONValue? {
        let value = fields[name]
        return value == .null ? nil : value
    }

    func requiredString(_ name: String) -> String {
        if fields[name] == nil {
            report(.missing(path(name), in: .object(fields)))
            return ""
        }
        guard case .string(let text) = fields[name] else {
            report(.wrongType("string", path(name), input: fields[name] ?? .null))
            return ""
        }
        return text
    }

    func string(_ name: String, minimumLength: Int = 0) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else {
            report(.wrongType("string", path(name), input: value))
            return nil
        }
        if text.count < minimumLength {
            report(.tooShort(path(name), minimum: minimumLength, input: value))
        }
        return text
    }

    func strings(_ name: String) -> [String]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else {
            report(.wrongType("list", path(name), input: value))
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            if case .string(let text) = element { return text }
            report(.wrongType("string", path(name) + [.index(index)], input: element))
            return nil
        }
    }

    func boolean(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else {
            report(.wrongType("boolean", path(name), input: value))
            return nil
        }
        return flag
    }

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .integer(let number) = value else {
            report(.wrongType("integer", path(name), input: value))
            return nil
        }
        if let problem = FieldProblem.range(path(name), number, in: range, input: value) { report(problem) }
        return number
    }

    func choice(_ name: String, of allowed: [String]) -> String? {
        guard let text = string(name) else { return nil }
        if !allowed.contains(text) { report(.choice(path(name), of: allowed, input: .string(text))) }
        return text
    }

    func date(_ name: String) -> Date? {
        guard let text = string(name) else { return nil }
        let date = Timestamp(text: text).date
        if date == nil { report(.date(path(name), input: .string(text))) }
        return date
    }

    func uuid(_ name: String) -> String? {
        guard let text = string(name) else { return nil }
        guard let uuid = UUID(uuidString: text) else {
            report(.uuid(path(name), input: .string(text)))
            return nil
        }
        return uuid.uuidString.lowercased()
    }

    func object(_ name: String, required: Bool = false) -> BodyReader? {
        if required && fields[name] == nil { report(.missing(path(name), in: .object(fields))) }
        guard let value = value(name) else {
            if required && fields[name] != nil { report(.notAnObject(path(name), input: .null)) }
            return nil
        }
        guard case .object(let inner) = value else {
            report(.notAnObject(path(name), input: value))
            return nil
        }
        return BodyReader(inner, at: path(name), problems: problems)
    }

    func objects(_ name: String, required: Bool = false) -> [BodyReader]? {
        if required && fields[name] == nil { report(.missing(path(name), in: .object(fields))) }
        guard let value = fields[name], required || value != .null else { return nil }
        guard case .array(let elements) = value else {
            report(.wrongType("list", path(name), input: value))
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            let place = path(name) + [.index(index)]
            guard case .object(let inner) = element else {
                report(.notAnObject(place, input: element))
                return nil
            }
            return BodyReader(inner, at: place, problems: problems)
        }
    }
}

extension FieldProblem {
    fileprivate static func notAnObject(_ location: [Part], input: JSONValue) -> FieldProblem {
        FieldProblem(
            "model_attributes_type", at: location,
            "Input should be a valid dictionary or object to extract fields from", input: input)
    }

    fileprivate static func wrongType(_ name: String, _ location: [Part], input: JSONValue) -> FieldProblem {
        let type = ["string": "string_type", "boolean": "bool_type", "integer": "int_type", "list": "list_type"]
        return FieldProblem(
            type[name] ?? name, at: location, "Input should be a valid \(name)", input: input)
    }

    fileprivate static func tooShort(_ location: [Part], minimum: Int, input: JSONValue) -> FieldProblem {
        FieldProblem(
            "string_too_short", at: location,
            "String should have at least \(minimum) character\(minimum == 1 ? "" : "s")", input: input,
            context: ["min_length": .integer(minimum)])
    }
}
