import Clocks
import ControlPlane
import Engine

/// The same refusal by the control plane, read after read. One of its servers may be wrong for a moment, so it counts
/// once three reads in a row had it: over 10 s, and over 30 s for a key.
struct RepeatedRefusal: Sendable {
    static let confirmingReads = 3
    /// The refusals that one server of several may answer by mistake.
    static let kinds: [ControlPlaneError.Kind] = [.unauthorised, .notFound]

    let kind: ControlPlaneError.Kind
    let since: MonotonicInstant
    private(set) var reads = 1

    init(kind: ControlPlaneError.Kind, since: MonotonicInstant) {
        self.kind = kind
        self.since = since
    }

    var pause: Duration { kind == .unauthorised ? .seconds(15) : .seconds(5) }

    func again() -> RepeatedRefusal {
        var next = self
        next.reads += 1
        return next
    }

    func isConfirmed(at now: MonotonicInstant) -> Bool {
        reads >= Self.confirmingReads && since.duration(to: now) >= pause * (Self.confirmingReads - 1)
    }
}

extension StepContext {
    /// Reads, and reads again while the control plane refuses, until the refusal is confirmed or the time is over.
    ///
    /// Throws the `ControlPlaneError` that was confirmed, and any other error at once.
    func confirmingRefusals<Answer>(_ read: () async throws -> Answer) async throws -> Answer {
        var refusal: RepeatedRefusal?
        while true {
            do {
                return try await read()
            } catch let error as ControlPlaneError where RepeatedRefusal.kinds.contains(error.kind) {
                let now = clock.now
                let repeated =
                    refusal.flatMap { $0.kind == error.kind ? $0.again() : nil }
                    ?? RepeatedRefusal(kind: error.kind, since: now)
                refusal = repeated
                let next = now.advanced(by: repeated.pause)
                let isLate = deadline.map { next >= $0 } ?? false
                guard !repeated.isConfirmed(at: now), !isLate else { throw error }
                warn(
                    "the control plane refused a read (\(repeated.reads) of \(RepeatedRefusal.confirmingReads) times): "
                        + error.message)
                try await clock.sleep(until: next)
            }
        }
    }
}
