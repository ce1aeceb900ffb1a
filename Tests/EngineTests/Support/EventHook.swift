import Engine

/// Tells a test of every event as it happens.
struct EventHook: EventObserver {
    private let body: @Sendable (RunEvent) -> Void

    init(_ body: @escaping @Sendable (RunEvent) -> Void) { self.body = body }

    func observe(_ event: RunEvent) { body(event) }
}
