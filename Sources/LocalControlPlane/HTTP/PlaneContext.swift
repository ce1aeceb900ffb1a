import Hummingbird
import Logging

/// What a request carries through its handlers: above all whose data it may see.
struct PlaneContext: RequestContext {
    /// The workspace of requests that name none.
    static let defaultTenant = "00000000-0000-4000-8000-000000000001"

    var coreContext: CoreRequestContextStorage
    var tenantID = PlaneContext.defaultTenant

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// For requests that come by no connection.
    init(logger: Logger) {
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
    }

    private struct LoggerSource: RequestContextSource {
        let logger: Logger
    }
}
