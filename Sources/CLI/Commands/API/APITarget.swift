import ControlPlaneTypes
import Engine

/// Path and query of a call of the API.
struct APITarget: Sendable, Equatable {
    let path: String
    let query: APIQuery

    init(_ path: String, _ query: APIQuery) {
        self.path = path
        self.query = query
    }

    /// Throws `StepFailure` (usage) when a field cannot stand in a query.
    init(_ text: String, _ fields: [(path: [FieldAssignment.Step], value: RawJSON)]) throws(StepFailure) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let given = String(parts.first ?? "")
        var query = APIQuery(parts.count > 1 ? String(parts[1]) : "")
        for field in fields {
            guard let name = Self.name(of: field.path), let value = field.value.queryText else {
                throw StepFailure(
                    .usage, code: "FieldNotForQuery", "a query takes only fields such as key=value and key[]=value",
                    hint: "write the query into the path")
            }
            query = query.adding(name, value)
        }
        self.init(given.hasPrefix("/") ? given : "/" + given, query)
    }

    var text: String { query.text.isEmpty ? path : path + "?" + query.text }

    /// `key` and `key[]` are the same name, once or several times.
    private static func name(of path: [FieldAssignment.Step]) -> String? {
        switch (path.count, path.first, path.last) {
        case (1, .key(let name)?, _): name
        case (2, .key(let name)?, .element?): name
        default: nil
        }
    }
}

extension RawJSON {
    fileprivate var queryText: String? {
        switch self {
        case .string: text
        case .literal(let token): String(decoding: token, as: UTF8.self)
        case .array, .object: nil
        }
    }
}
