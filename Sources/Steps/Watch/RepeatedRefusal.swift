import Clocks
import ControlPlane
import Engine
import Redaction

/// The same refusal by the control plane, read after read. One of its servers may be wrong for a moment, so it counts
/// once three reads in a row had it: over 10 s, and over 30 s for a key, unless there is a new one by then.
struct RepeatedRefusal: Sendable {
    static let confirmingReads = 3
    /// The refusals that one server of several may answer by mistake.
    static let kinds: [ControlPlaneError.Kind] = [.unauthorised, .notFound]

    private let client: ControlPlaneClient
    private let context: StepContext
    private var last: (kind: ControlPlaneError.Kind, since: MonotonicInstant, reads: Int)?

    init(client: ControlPlaneClient, context: StepContext) {
        self.client = client
        self.context = context
    }

    /// The pause before the next read while a refusal is being confirmed; nil when there is none.
    var pause: Duration? { last.map { Self.pause(after: $0.kind) } }

    /// To be called before a read: a key that was refused may have been renewed since.
    mutating func prepareRead() {
        if last?.kind == .unauthorised, useRenewedKey() { last = nil }
    }

    mutating func readSucceeded() { last = nil }

    /// Takes in that a read was refused; returns whether that is confirmed now.
    mutating func isConfirmed(by error: ControlPlaneError) -> Bool {
        if error.kind == .unauthorised, useRenewedKey() {
            last = nil
            return false
        }
        let now = context.clock.now
        let repeated = last.flatMap { $0.kind == error.kind ? ($0.kind, $0.since, $0.reads + 1) : nil }
        let (kind, since, reads) = repeated ?? (error.kind, now, 1)
        last = (kind, since, reads)
        if reads >= Self.confirmingReads,
            since.duration(to: now) >= Self.pause(after: kind) * (Self.confirmingReads - 1)
        {
            return true
        }
        let what = kind == .unauthorised ? "the key was refused" : "the control plane refused a read"
        context.warn("\(what) (\(reads) of \(Self.confirmingReads) times): \(error.message)")
        return false
    }

    private static func pause(after kind: ControlPlaneError.Kind) -> Duration {
        kind == .unauthorised ? .seconds(15) : .seconds(5)
    }

    private func useRenewedKey() -> Bool { context.useRenewedKey(of: client) }
}

extension StepContext {
    /// Reads, and reads again while the control plane refuses, until the refusal is confirmed or the time is over.
    ///
    /// Throws the `ControlPlaneError` that was confirmed, an outage when the time was over before that, and any other
    /// error at once.
    func confirmingRefusals<Answer>(
        of client: ControlPlaneClient, _ read: () async throws -> Answer
    ) async throws -> Answer {
        var refusal = RepeatedRefusal(client: client, context: self)
        while true {
            refusal.prepareRead()
            do {
                return try await read()
            } catch let error as ControlPlaneError where RepeatedRefusal.kinds.contains(error.kind) {
                if refusal.isConfirmed(by: error) { throw error }
                guard !isOver else { throw error.unconfirmed }
                let next = clock.now.advanced(by: refusal.pause ?? .zero)
                try await clock.sleep(until: deadline.map { min($0, next) } ?? next)
            }
        }
    }

    /// Whether the file that the key comes from holds another one by now, which is used from now on.
    func useRenewedKey(of client: ControlPlaneClient) -> Bool {
        guard let key = client.renewKey() else { return false }
        registerSecret(key.reveal(), named: client.keySource)
        note("the key was refused, but \(client.keySource) has a new one: using it")
        return true
    }
}

extension ControlPlaneError {
    /// A refusal that nothing confirmed before the deadline says as little as an outage.
    fileprivate var unconfirmed: ControlPlaneError {
        var error = self
        error.kind = .unreachable
        error.message += "; not confirmed before the deadline"
        error.hint = nil
        return error
    }
}
