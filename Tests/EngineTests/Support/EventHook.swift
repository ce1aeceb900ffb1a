import Engine

/// Tells a test of every event as it happens.
struct EventHook: EventObserver {
    private let body: @Sendable (RunEvent.Payload) -> Void

    init(_ body: @escaping @Sendable (RunEvent.Payload) -> Void) { self.body = body }

    func observe(_ event: RunEvent) { body(event.payload) }
}
