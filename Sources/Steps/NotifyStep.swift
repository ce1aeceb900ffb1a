import Clocks
import ControlPlane
import Engine
import FoundationEssentials
import Redaction
import WorkflowModel

/// `notify`: posts a message to a chat; a failure never fails the run.
struct NotifyStep: Step {
    static let signature = StepSignature(
        uses: "notify",
        summary: "Posts a message to a webhook in Slack's format. A failure is a warning.",
        inputs: [
            .init("url", isSecret: true, "URL of the webhook; without one nothing is sent"),
            .init("message", isRequired: true, "text of the message"),
        ],
        outputs: [.init("sent", "whether the webhook accepted the message")])

    /// Nobody waits longer for a chat.
    private static let limit: Duration = .seconds(10)
    /// Slack cuts longer ones.
    private static let longestMessage = 40_000

    private let inputs: StepInputs
    private let services: StepServices

    init(_ inputs: StepInputs, _ services: StepServices) {
        self.inputs = inputs
        self.services = services
    }

    func run(in context: StepContext) async throws {
        guard inputs.string("url") != nil else {
            context.output("sent", false)
            return context.note("message not sent: no url")
        }
        let problem = try await send(context)
        context.output("sent", .bool(problem == nil))
        if let problem { context.warn("message not sent: \(problem)") }
    }

    /// What went wrong. The URL is a secret, so only its host is shown.
    private func send(_ context: StepContext) async throws -> String? {
        guard let address = inputs.string("url").flatMap(WebAddress.init) else {
            return "the url is not an http or https URL"
        }
        do {
            let response = try await services.agentTransport.send(try request(address, context))
            return (200..<300).contains(response.status) ? nil : "\(address.origin) answered HTTP \(response.status)"
        } catch let error as TransportError {
            return "\(address.origin) unreachable (\(error.kind.rawValue))"
        } catch let error as EncodingError {
            return "\(error)"
        }
    }

    private func request(_ address: WebAddress, _ context: StepContext) throws -> HTTPRequest {
        // Before it is cut, because a part of a secret would not be recognized.
        let message = context.redacted(inputs.string("message") ?? "")
        let end = context.clock.now.advanced(by: Self.limit)
        var request = HTTPRequest(
            .post, address.text, headers: [HTTPHeader("Content-Type", "application/json")],
            body: .bytes(try JSONEncoder().encode(["text": String(message.prefix(Self.longestMessage))])),
            deadline: context.deadline.map { min($0, end) } ?? end)
        request.limits.total = Self.limit
        return request
    }
}
