import Hummingbird
import Logging
import NIOCore

/// What a request carries through its handlers: above all whose data it may see.
struct PlaneContext: RequestContext {
    /// The workspace of requests that name none.
    static let defaultTenant = "00000000-0000-4000-8000-000000000001"

    /// Nil for requests that come by no connection.
    let channel: (any Channel)?
    var coreContext: CoreRequestContextStorage
    var tenantID = PlaneContext.defaultTenant

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// For requests that come by no connection.
    init(logger: Logger) {
        channel = nil
        coreContext = CoreRequestContextStorage(source: LoggerSource(logger: logger))
    }

    private struct LoggerSource: RequestContextSource {
        let logger: Logger
    }
}
