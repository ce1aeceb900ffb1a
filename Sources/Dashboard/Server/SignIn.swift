import HTTPTypes
import Hummingbird
import Reports

/// The exchange of the printed link for a session.
struct SignIn: Sendable {
    static let path = "/sign-in"

    let access: AccessControl
    let address: BoundAddress
    let layout: PageLayout

    func add(to router: Router<DashboardContext>) {
        router.get(RouterPath(Self.path)) { request, context in
            // A second click on the link, in the same browser.
            if context.session != nil { return Response.redirect(to: "/", type: .normal) }
            let token = request.uri.queryParameters["token"].map(String.init) ?? ""
            guard let session = access.redeem(token) else { throw PageError.usedLink }
            var response = Response(page: layout.page(content))
            response.setCookie(
                try Cookie.validated(
                    name: address.cookieName, value: session, path: "/", secure: false, httpOnly: true,
                    sameSite: .strict))
            return response
        }
    }

    /// Not a redirect: a strict cookie is not sent along with one that another program's link began.
    private var content: PageContent {
        PageContent(
            title: "Signed in", reload: PageContent.Reload(seconds: 0, path: "/"), hasNavigation: false,
            body: [
                .element("h1", [:], "Signed in"),
                .element("p", [:], [.element("a", ["href": "/"], "Continue to the deployments")]),
            ])
    }
}
