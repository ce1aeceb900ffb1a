import Synchronization

/// The port of the server, known once it listens.
final class BoundAddress: Sendable {
    private let bound: Mutex<Int>

    init(port: Int = 0) { bound = Mutex(port) }

    var port: Int { bound.withLock(\.self) }

    func set(_ port: Int) { bound.withLock { $0 = port } }

    /// Browsers send cookies to every port of a host: another dashboard's must not replace ours.
    var cookieName: String { "slipway-dashboard-\(port)" }

    var url: String { "http://127.0.0.1:\(port)" }
}
