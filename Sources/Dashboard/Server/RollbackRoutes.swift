import Foundation
import HTTPTypes
import Hummingbird

/// The only routes that change something.
struct RollbackRoutes: Sendable {
    let routes: DashboardRoutes

    func add(to router: Router<DashboardContext>) {
        router.get("/deployments/:name/rollback") { request, context in
            let row = try await routes.deployment(context)
            let chosen = request.uri.queryParameters["to"].map(String.init)
            let form = RollbackForm(id: routes.newFormID(), to: chosen)
            return page(row, await routes.reader.offer(for: row), form, nil, context, status: .ok)
        }
        router.post("/deployments/:name/rollback") { request, context in
            let fields = try await FormFields.read(request, on: routes.clock)
            guard let token = context.session?.formToken, fields["token"] == token else { throw PageError.crossOrigin }
            return try await start(RollbackForm(fields: fields), context)
        }
    }

    private func start(_ form: RollbackForm, _ context: DashboardContext) async throws -> Response {
        let row = try await routes.deployment(context)
        // The same form again, after the rollback that it has started.
        if let id = UUID(uuidString: form.id)?.uuidString.lowercased(),
            let known = await routes.rollbacks.progress(of: id)
        {
            return .redirect(to: "/rollbacks/\(known.ticket.id)", type: .normal)
        }
        // What is decided on is what is there now, not what a page has shown.
        let shown = await routes.reader.knownOffer(for: row)
        await routes.reader.forget(row)
        let offer = await routes.reader.offer(for: row, within: DashboardReader.decisionLimit)
        guard let offered = offer.value else {
            let why = offer.problem ?? .late
            let problem = RollbackForm.Problem(
                field: .form, message: "Nothing was changed: \(why.message). Send the form again.")
            return page(row, shown ?? offer, form, problem, context, status: .badGateway)
        }
        do {
            let request = try form.request(for: row, offered, redactor: routes.rollbacks.redactor)
            let ticket = try await routes.rollbacks.start(request)
            await routes.reader.forget(row)
            return .redirect(to: "/rollbacks/\(ticket.id)", type: .normal)
        } catch let problem as RollbackForm.Problem {
            var form = form
            if problem.field == .form { form.id = routes.newFormID() }
            return page(row, offer, form, problem, context, status: .unprocessableContent)
        } catch let problem as CommandProblem {
            let message = [problem.message, problem.hint].compactMap(\.self).joined(separator: "; ")
            return page(
                row, offer, form, RollbackForm.Problem(field: .form, message: message), context,
                status: .internalServerError)
        }
    }

    private func page(
        _ row: DeploymentRow, _ offer: Reading<RollbackOffer>, _ form: RollbackForm, _ problem: RollbackForm.Problem?,
        _ context: DashboardContext, status: HTTPResponse.Status
    ) -> Response {
        routes.respond(
            RollbackPage(
                deployment: row, offer: offer, form: form, problem: problem,
                formToken: context.session?.formToken ?? "", parts: routes.parts
            ).content, status: status)
    }
}
