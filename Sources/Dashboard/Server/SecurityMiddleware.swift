import HTTPTypes
import Hummingbird
import Logging
import Reports

/// The headers of every response, the errors too: nothing from elsewhere is loaded, framed, guessed or stored.
struct SecurityHeaders: RouterMiddleware {
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    /// Of the timeline of a run, which is one file with its styles in it.
    static let reportPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'"

    func handle(
        _ request: Request, context: DashboardContext, next: (Request, DashboardContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let standard: [(HTTPField.Name?, String)] = [
            (.contentSecurityPolicy, Self.policy), (.xContentTypeOptions, "nosniff"),
            // With no-referrer, browsers would hide the origin of forms as well.
            (HTTPField.Name("Referrer-Policy"), "same-origin"), (.cacheControl, "no-store"),
            (HTTPField.Name("Cross-Origin-Opener-Policy"), "same-origin"),
            (HTTPField.Name("Cross-Origin-Resource-Policy"), "same-origin"),
            (HTTPField.Name("X-Frame-Options"), "DENY"),
            (HTTPField.Name("Permissions-Policy"), "camera=(), microphone=(), geolocation=()"),
        ]
        for case (let name?, let value) in standard where response.headers[name] == nil {
            response.headers[name] = value
        }
        return response
    }
}

/// Turns errors into pages.
struct ErrorPages: RouterMiddleware {
    let layout: PageLayout

    func handle(
        _ request: Request, context: DashboardContext, next: (Request, DashboardContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as PageError {
            // A form that was sent is not sent again by the page.
            let again = error.isLate && request.method == .get ? request.uri.string : nil
            return page(error, isSignedIn: error.status == .notFound || error.isLate, reloading: again)
        } catch let error as HTTPError {
            let message = error.status == .notFound ? "There is no such page." : error.status.reasonPhrase
            let problem = PageError(status: error.status, title: error.status.reasonPhrase, message: message)
            return page(problem, isSignedIn: error.status == .notFound)
        } catch let error as CancellationError {
            throw error
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return page(
                PageError(
                    status: .internalServerError, title: "The dashboard failed",
                    message: "The terminal of slipway dashboard says why."), isSignedIn: false)
        }
    }

    private func page(_ error: PageError, isSignedIn: Bool, reloading path: String? = nil) -> Response {
        var content = MessagePage(error: error, hasNavigation: isSignedIn).content
        if let path { content.reload = PageContent.Reload(seconds: 5, path: path) }
        return Response(page: layout.page(content), status: error.status)
    }
}

/// Answers requests to this address, from its own pages, in a session.
struct AccessMiddleware: RouterMiddleware {
    let access: AccessControl
    let address: BoundAddress

    func handle(
        _ request: Request, context: DashboardContext, next: (Request, DashboardContext) async throws -> Response
    ) async throws -> Response {
        switch RequestOrigin(request).refusal(port: address.port) {
        case .host: throw PageError.wrongHost
        case .crossOrigin: throw PageError.crossOrigin
        case nil: break
        }
        var context = context
        context.session = access.session(request.cookies[address.cookieName]?.value)
        guard context.session != nil || request.uri.path == SignIn.path else { throw PageError.signedOut }
        return try await next(request, context)
    }
}

extension RequestOrigin {
    init(_ request: Request) {
        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
        self.init(
            method: request.method.rawValue, host: request.head.authority, origin: header("Origin"),
            fetchSite: header("Sec-Fetch-Site"), fetchMode: header("Sec-Fetch-Mode"))
    }
}
