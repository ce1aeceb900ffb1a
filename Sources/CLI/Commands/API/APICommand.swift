import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials

extension HTTPRequest.Method: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// `slipway api`
struct APICommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "api", abstract: "Call any endpoint of the API, with the key and the workspace.",
        discussion: """
            Fields become the query of GET and DELETE, else the JSON body; with --input they are put into its JSON. The \
            answer goes to standard output, values of secrets hidden. Exit code 0 is a 2xx answer, 77 is 401 or 403, \
            75 is 429, 69 is 5xx or no answer to a read, 124 is 5xx or no answer to a change, 1 is any other refusal.
            """)

    @Argument(help: "GET, POST, PUT, PATCH or DELETE.")
    var method: HTTPRequest.Method

    @Argument(help: "The path, such as /v2/auth/providers; it may have a query.")
    var path: String

    @OptionGroup(title: "Body") var body: BodyOptions

    @Flag(help: "Read all pages of a list, and print one array.")
    var paginate = false

    @Flag(help: "Print the answer as it is, values of secrets too.")
    var showSecrets = false

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    var destroys: Bool { method == .delete }

    private var isRead: Bool { method == .get }

    func validate() throws {
        if paginate && !isRead { throw ValidationError("--paginate reads lists: use it with GET") }
        if path.contains("://") || path.contains(where: { $0.isWhitespace || $0 == "#" }) {
            throw ValidationError("'\(path)' is no path of the API: write it as /v2/deployments, percent-encoded")
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
        // Not the API's own: a page of a proxy, a file.
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
