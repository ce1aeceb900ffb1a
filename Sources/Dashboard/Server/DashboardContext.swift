import Hummingbird

/// The context of a request, with the session that it belongs to.
struct DashboardContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Nil for requests to sign in.
    var session: AccessControl.Session?

    init(source: some RequestContextSource) { coreContext = CoreRequestContextStorage(source: source) }
}
