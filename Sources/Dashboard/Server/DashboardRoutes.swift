import Clocks
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reports

/// The pages, their live regions and, unless the dashboard is read-only, the form of a rollback.
struct DashboardRoutes: Sendable {
    let reader: DashboardReader
    let rollbacks: RollbackService
    let runs: LocalRuns
    let layout: PageLayout
    let access: AccessControl
    let address: BoundAddress
    let clock: any RunClock
    /// A UUID for a form, so that a form that is sent twice starts one rollback.
    let newFormID: @Sendable () -> String

    func router() -> Router<DashboardContext> {
        let router = Router(context: DashboardContext.self)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorPages(layout: layout))
        router.add(middleware: AccessMiddleware(access: access, address: address))
        SignIn(access: access, address: address, layout: layout).add(to: router)
        addAssets(to: router)
        addOverview(to: router)
        addDeployment(to: router)
        addRuns(to: router)
        addProgress(to: router)
        if !layout.isReadOnly { RollbackRoutes(routes: self).add(to: router) }
        return router
    }

    var parts: PageParts { PageParts(now: clock.date) }

    func respond(_ content: PageContent, status: HTTPResponse.Status = .ok) -> Response {
        Response(page: layout.page(content), status: status)
    }

    func stream(_ state: @escaping @Sendable () async -> LiveState) -> Response {
        EventStream(clock: clock, state: state).response
    }

    /// The deployment that the path names.
    func deployment(_ context: DashboardContext) async throws -> DeploymentRow {
        let name = (context.parameters.get("name") ?? "").removingPercentEncoding ?? ""
        let reading = await reader.deployment(name)
        switch reading.result {
        case .success(let row): return row
        case .failure(let problem):
            if reading.isLate {
                throw PageError(
                    status: .badGateway, title: problem.message, message: problem.hint ?? "", isLate: true)
            }
            if await reader.deployments().problem == nil { throw PageError.notFound(problem.message) }
            throw PageError(
                status: .badGateway, title: problem.message, message: problem.hint.map { "Hint: \($0)" } ?? "")
        }
    }

    private func addAssets(to router: Router<DashboardContext>) {
        let sheet = Array(HTMLStyle.sheet.utf8) + PackageResources.dashboard_css
        router.get("/dashboard.css") { _, _ in Response(asset: sheet, type: "text/css; charset=utf-8") }
        router.get("/dashboard.js") { _, _ in
            Response(asset: PackageResources.dashboard_js, type: "text/javascript; charset=utf-8")
        }
        router.get("/icon.svg") { _, _ in Response(asset: Array(Self.icon.utf8), type: "image/svg+xml") }
    }

    private static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">\
        <rect width="16" height="16" rx="4" fill="#1f5fbf"/>\
        <path d="M3 11h10M5 8.5h8M7 6h6" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>
        """

    private func addOverview(to router: Router<DashboardContext>) {
        router.get("/") { request, _ in respond(await overview(request).content) }
        router.get("/events") { request, _ in
            stream {
                let page = await overview(request)
                let isMoving = page.reading.value?.contains { $0.health == .underWay } ?? false
                return LiveState(regions: [page.region], isMoving: isMoving || !page.rollbacks.isEmpty)
            }
        }
    }

    private func overview(_ request: Request) async -> OverviewPage {
        let query = request.uri.queryParameters
        return OverviewPage(
            reading: await reader.deployments(),
            filter: OverviewFilter(
                query: Self.value(query["q"]) ?? "", show: Self.value(query["show"]), sort: Self.value(query["sort"])),
            rollbacks: await rollbacks.underWay(), parts: parts, isReadOnly: layout.isReadOnly)
    }

    /// Forms send a blank as a plus sign.
    private static func value(_ text: Substring?) -> String? { text.map { String($0).replacing("+", with: " ") } }

    private func addDeployment(to router: Router<DashboardContext>) {
        router.get("/deployments/:name") { request, context in
            respond(await page(of: try await deployment(context), Self.choice(request)).content)
        }
        router.get("/deployments/:name/events") { request, context in
            let row = try await deployment(context)
            let choice = Self.choice(request)
            return stream {
                // The deployment may be gone by now; the page says so after a reload.
                let now = await reader.deployment(row.id).value ?? row
                let page = await page(of: now, choice)
                return LiveState(regions: page.regions, isMoving: now.health == .underWay || !page.rollbacks.isEmpty)
            }
        }
    }

    private static func choice(_ request: Request) -> LogChoice {
        let query = request.uri.queryParameters
        let id = query["revision"].map(String.init).flatMap { UUID(uuidString: $0) }
        return LogChoice(
            revision: id?.uuidString.lowercased(),
            kind: query["log"].flatMap { DashboardReader.LogKind(rawValue: String($0)) })
    }

    private func page(of row: DeploymentRow, _ choice: LogChoice) async -> DeploymentPage {
        async let history = reader.history(of: row)
        let newest = row.underWay?.first ?? row.latest ?? row.active
        let revision = choice.revision ?? newest?.id
        let kind = choice.kind ?? (newest?.status == "DEPLOYING" ? .deploy : .build)
        var log: DeploymentPage.Log?
        if let revision {
            log = DeploymentPage.Log(
                revision: revision, kind: kind, reading: await reader.log(kind, of: revision, row))
        }
        return DeploymentPage(
            deployment: row, history: await history, log: log, choice: choice,
            rollbacks: await rollbacks.underWay().filter { $0.deployment == row.name }, runs: Set(runs.ids),
            parts: parts, isReadOnly: layout.isReadOnly)
    }

    private func addRuns(to router: Router<DashboardContext>) {
        router.get("/runs") { _, _ in
            respond(RunsPage(runs: await runs.all, parts: parts).content)
        }
        router.get("/runs/:run") { _, context in
            let run = context.parameters.get("run") ?? ""
            guard runs.ids.contains(run) else { throw PageError.notFound("Run not found on this machine.") }
            switch await reader.timeline(of: run).result {
            case .success(let report): return Self.timeline(report)
            case .failure(let problem):
                return respond(
                    PageContent(title: "Run \(run)", section: .runs, body: [PageParts.problem(problem)]),
                    status: .badGateway)
            }
        }
    }

    /// The report with a way back, under its own rules: it has its styles in it and no script.
    private static func timeline(_ report: Data) -> Response {
        // Text in the report is escaped, so the first tag of that name is the page's.
        let page = String(decoding: report, as: UTF8.self).replacing(
            "<main>", with: "<main><p><a href=\"/runs\">All runs</a></p>", maxReplacements: 1)
        var response = Response(page: page)
        response.headers[.contentSecurityPolicy] = SecurityHeaders.reportPolicy
        return response
    }

    private func addProgress(to router: Router<DashboardContext>) {
        router.get("/rollbacks/:id") { _, context in
            respond(try await progress(context).content)
        }
        router.get("/rollbacks/:id/events") { _, context in
            let id = try await progress(context).progress.ticket.id
            return stream {
                guard let page = await progressPage(id) else { return LiveState(regions: [], isFinal: true) }
                return LiveState(regions: [page.region], isMoving: true, isFinal: page.progress.isFinished)
            }
        }
    }

    private func progress(_ context: DashboardContext) async throws -> ProgressPage {
        let id = context.parameters.get("id").flatMap { UUID(uuidString: $0) }
        guard let id, let page = await progressPage(id.uuidString.lowercased()) else {
            throw PageError.notFound("Rollback not found.")
        }
        return page
    }

    private func progressPage(_ id: String) async -> ProgressPage? {
        guard let progress = await rollbacks.progress(of: id) else { return nil }
        let run = progress.summary.runID?.rawValue
        return ProgressPage(progress: progress, hasTimeline: run.map(runs.ids.contains) ?? false, parts: parts)
    }
}
