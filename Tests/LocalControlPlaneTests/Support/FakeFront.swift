import Foundation

@testable import LocalControlPlane

/// A front that notes where it leads.
final class FakeFront: AgentFront, @unchecked Sendable {
    let port: Int
    private let lock = NSLock()
    private var routes: [Int?] = []

    init(port: Int) { self.port = port }

    /// Every change, oldest first.
    var history: [Int?] { lock.withLock { routes } }

    func route(to port: Int?) async { lock.withLock { routes.append(port) } }
    func drain(_ port: Int, atMost limit: Duration) async {}
    func close() async { lock.withLock { routes.append(nil) } }
}
