import ControlPlaneTypes
import HTTPTypes
import Hummingbird

/// `/internal/faults`: what the plane is told to do wrong while it runs; not part of the control plane's API.
struct FaultRoutes: Sendable {
    static let path = "/internal/faults"

    let faults: FaultBook

    func add(to router: some RouterMethods<PlaneContext>) {
        router.get("/internal/faults", use: list)
            .post("/internal/faults", use: add)
            .delete("/internal/faults", use: clear)
    }

    @Sendable private func list(_ request: Request, _ context: PlaneContext) async throws -> Response {
        let entries = await faults.entries
        return try Response(json: entries.map { FaultAnswer(fault: $0.fault.text, struck: $0.struck) })
    }

    @Sendable private func add(_ request: Request, _ context: PlaneContext) async throws -> Response {
        let body = try await BodyReader.read(request)
        let text = body.requiredString("fault")
        try body.validate()
        do {
            await faults.add(try FaultParser.parse(text))
        } catch {
            throw APIProblem.badRequest(error.description)
        }
        return try Response(json: FaultAnswer(fault: text, struck: 0), status: .created)
    }

    @Sendable private func clear(_ request: Request, _ context: PlaneContext) async throws -> Response {
        await faults.clear()
        return Response(status: .noContent)
    }
}

private struct FaultAnswer: Encodable, Sendable {
    let fault: String
    let struck: Int
}
