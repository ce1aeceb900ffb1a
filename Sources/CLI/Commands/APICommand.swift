import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import JSON
import Redaction

extension HTTPRequest.Method: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// `slipway api`
struct APICommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Send an authenticated request to any endpoint of the API.",
        discussion: """
            Fields become the query of GET and DELETE, else the JSON body; with --input they are merged into its JSON. \
            The response is printed with secret values redacted. Exit code 0 is a 2xx response, 77 is 401 or 403, \
            75 is 429, 69 is 5xx or no response to a read, 124 is 5xx or no response to a change, 1 is any other \
            response.


            """
                + Examples.text(
                    "slipway api GET /v2/deployments --field limit=5",
                    "slipway api PATCH /v2/deployments/DEPLOYMENT_ID --input body.json"))

    @Argument(help: "GET, POST, PUT, PATCH or DELETE.")
    var method: HTTPRequest.Method

    @Argument(help: "Path, such as /v2/deployments, with an optional query.")
    var path: String

    @OptionGroup(title: "Request body") var body: BodyOptions

    @Flag(help: "Read all pages of a list and print one array.")
    var paginate = false

    @Flag(help: "Do not redact secret values.")
    var showSecrets = false

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    var destroys: Bool { method == .delete }

    var isReadOnly: Bool { isRead }

    private var isRead: Bool { method == .get }

    func validate() throws {
        if paginate && !isRead { throw ValidationError("--paginate requires GET") }
        if path.contains("://") || path.contains(where: { $0.isWhitespace || $0 == "#" }) {
            throw ValidationError("invalid path '\(path)': write it as /v2/deployments, percent-encoded")
        }
        if let part = RequestPath.ambiguousPart(of: path) {
            throw ValidationError(
                "invalid path '\(path)': '\(part)' can be read as another path; write the endpoint's own path")
        }
    }

    func perform(_ context: ResourceContext) async throws {
        let target = try APITarget(path, try takesQuery ? body.fields(context) : [])
        let input = takesQuery && body.input == nil ? nil : try body.body(context)
        if !isRead { try context.confirmation.require("Send \(method.rawValue) \(target.path)?", destroying: destroys) }
        if paginate {
            return show(.array(try await allPages(target, context)), context.printer)
        }
        var redaction = JSONRedaction()
        if let input { _ = redaction.redact(input) }
        let response = try await context.client.raw(
            method, path: target.text, body: input?.data, hiding: redaction.hidden)
        guard !response.body.isEmpty else { return }
        if let answer = try? RawJSON(parsing: response.body) { return show(answer, context.printer) }
        // Not JSON, such as the error page of a proxy.
        context.printer.text(String(decoding: response.body, as: UTF8.self))
    }

    private var takesQuery: Bool { isRead || (method == .delete && body.input == nil) }

    private func allPages(_ target: APITarget, _ context: ResourceContext) async throws -> [RawJSON] {
        var pagination = APIPagination()
        var elements: [RawJSON] = []
        var next: APIQuery? = APIPagination.start(target.query, path: target.path)
        while let query = next {
            let page = try await context.client.page(at: APITarget(target.path, query).text)
            do {
                let step = try pagination.take(page, of: query)
                elements += step.elements
                next = step.query
            } catch {
                throw StepFailure(.failed, code: "NotPaged", error.message, hint: error.hint)
            }
        }
        return elements
    }

    private func show(_ answer: RawJSON, _ printer: ResourcePrinter) {
        if showSecrets { printer.document(answer) } else { printer.json(answer) }
    }
}

/// The path and query of a request.
struct APITarget: Sendable, Equatable {
    let path: String
    let query: APIQuery

    init(_ path: String, _ query: APIQuery) {
        self.path = path
        self.query = query
    }

    /// Throws `StepFailure` (usage) for a field that a query cannot hold.
    init(_ text: String, _ fields: [(path: [FieldAssignment.Step], value: RawJSON)]) throws(StepFailure) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let given = String(parts.first ?? "")
        var query = APIQuery(parts.count > 1 ? String(parts[1]) : "")
        for field in fields {
            guard let name = Self.name(of: field.path), let value = field.value.queryText else {
                throw StepFailure(
                    .usage, code: "FieldNotForQuery", "invalid query field: expected key=value or key[]=value",
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

/// The query of a path, percent-encoded as it was passed.
struct APIQuery: Sendable, Equatable {
    private var pairs: [String]

    init(_ text: String) {
        pairs = text.split(separator: "&").map(String.init)
    }

    var text: String { pairs.joined(separator: "&") }

    subscript(name: String) -> String? {
        pairs.last { Self.name(of: $0) == name }.map { String($0.dropFirst(name.count + 1)) }
    }

    func setting(_ name: String, _ value: String) -> APIQuery {
        var copy = self
        copy.pairs.removeAll { Self.name(of: $0) == name }
        return copy.adding(name, value)
    }

    func adding(_ name: String, _ value: String) -> APIQuery {
        var copy = self
        copy.pairs.append("\(name.percentEncoded)=\(value.percentEncoded)")
        return copy
    }

    private static func name(of pair: String) -> Substring { pair.prefix { $0 != "=" } }
}
