import ControlPlaneTypes
import FoundationEssentials
import Reports

/// What an agent's configuration in the working tree says about how to send it a request.
struct LocalAgentConfig: Sendable, Equatable {
    /// Sorted; empty for an agent that is started by a command of its own.
    var graphs: [String] = []
    /// The path below which it answers.
    var mountPrefix = ""
    /// Relative to the folder of the configuration.
    var environmentFile: String?
    /// The request of a plain agent's smoke test, or its health check.
    var request = "/ok"
    var requestBody: String?

    private struct Document: Decodable {
        var graphs: [String: JSONValue]?
        var command: Command?
        var env: JSONValue?
        var http: HTTP?
    }

    private struct Command: Decodable {
        var health: String?
        var smoke: Smoke?
    }

    private struct Smoke: Decodable {
        var path: String?
        var body: JSONValue?
    }

    private struct HTTP: Decodable {
        var mountPrefix: String?

        private enum CodingKeys: String, CodingKey { case mountPrefix = "mount_prefix" }
    }

    /// A file that cannot be read counts as empty; the build reports its problems.
    init(at path: String) {
        guard let data = FileManager.default.contents(atPath: path),
            let document = try? JSONDecoder().decode(Document.self, from: data)
        else { return }
        guard let command = document.command else {
            mountPrefix = document.http?.mountPrefix ?? ""
            graphs = (document.graphs ?? [:]).keys.sorted()
            if case .string(let file)? = document.env { environmentFile = file }
            return
        }
        request = command.smoke?.path ?? command.health ?? request
        requestBody = command.smoke?.body.flatMap { try? String(decoding: JSONEncoder().encode($0), as: UTF8.self) }
    }

    /// How to send a request to the agent at `url`, and where to see its graphs.
    func guide(url: String) -> [String] {
        guard let graph = graphs.first else {
            return ["the agent is live at \(url)", "  try:    " + Self.curl(url + request, body: requestBody)]
        }
        let base = url + mountPrefix
        let assistant = (try? String(decoding: JSONEncoder().encode(graph), as: UTF8.self)) ?? ""
        let body = #"{"assistant_id": \#(assistant), "input": {}}"#
        return [
            "the agent is live at \(base)", "  try:    " + Self.curl(base + "/runs/wait", body: body),
            // As `langgraph dev` prints it.
            "  Studio: https://smith.langchain.com/studio/?baseUrl=\(base)",
        ]
    }

    private static func curl(_ url: String, body: String?) -> String {
        let words = body.map { ["-H", "Content-Type: application/json", "-d", $0] } ?? []
        return (["curl", url] + words).map(ShellWord.quoted).joined(separator: " ")
    }
}
