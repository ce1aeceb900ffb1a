import Clocks
import ControlPlaneTypes
import Foundation
import Logging
import ServiceLifecycle

/// Moves every stored revision to a terminal status: applies the planner's events and performs their actions.
actor RevisionReconciler: Service {
    private enum Request: Sendable {
        case reconcile
        case retire(DeploymentID)
    }

    private let store: Store
    private let worker: RevisionWorker
    private let clock: any RunClock
    private let logger: Logger
    private let planner: RevisionPlanner
    private let requests: AsyncStream<Request>
    private let inbox: AsyncStream<Request>.Continuation
    private var stops: [RevisionID: AsyncStream<Never>.Continuation] = [:]

    init(
        store: Store, worker: RevisionWorker, clock: any RunClock, logger: Logger,
        planner: RevisionPlanner = RevisionPlanner()
    ) {
        self.store = store
        self.worker = worker
        self.clock = clock
        self.logger = logger
        self.planner = planner
        (requests, inbox) = AsyncStream.makeStream()
    }

    /// Requests another reconciliation after a change.
    nonisolated func wake() { inbox.yield(.reconcile) }

    /// Requests that a deployment that is being deleted is stopped.
    nonisolated func retire(_ deployment: DeploymentID) { inbox.yield(.retire(deployment)) }

    /// Runs until the service group shuts down; the next start resumes what is in progress then.
    func run() async throws {
        wake()
        await withDiscardingTaskGroup { group in
            for await request in requests.cancelOnGracefulShutdown() {
                switch request {
                case .reconcile: await reconcile(in: &group)
                case .retire(let deployment): group.addTask { await self.worker.retire(deployment) }
                }
            }
            group.cancelAll()
        }
    }

    /// Interrupts a revision and cancels its work.
    ///
    /// - Returns: the interrupted revision; nil when it was not in progress.
    func interrupt(_ id: RevisionID) async throws -> RevisionRecord? {
        guard let applied = try await store.apply(.interrupted, to: id, at: clock.date) else { return nil }
        for action in applied.actions {
            if action == .cancelWork {
                await cancelWork(on: applied.revision)
            } else {
                await worker.handle(action, applied.revision)
            }
        }
        wake()
        return applied.revision
    }

    private func cancelWork(on revision: RevisionRecord) async {
        if let stop = stops.removeValue(forKey: revision.id) {
            stop.finish()
        } else {
            await worker.closeLogs(of: revision)
        }
    }

    private func reconcile(in group: inout DiscardingTaskGroup) async {
        do {
            while case let planned = planner.events(for: try await store.revisionsInProgress()), !planned.isEmpty {
                for item in planned {
                    let applied = try await store.apply(item.event, to: item.revision, at: clock.date)
                    guard let applied else { continue }
                    for action in applied.actions { await take(action, applied.revision, in: &group) }
                }
            }
        } catch {
            logger.error("cannot read or change revisions", metadata: ["error": "\(error)"])
            let clock = clock
            group.addTask {
                // Cancelled means that the control plane stops.
                guard (try? await clock.sleep(for: .seconds(1))) != nil else { return }
                self.wake()
            }
        }
    }

    private func take(
        _ action: RevisionAction, _ revision: RevisionRecord, in group: inout DiscardingTaskGroup
    ) async {
        switch action {
        case .build, .deploy:
            let (stopped, stop) = AsyncStream<Never>.makeStream()
            stops[revision.id] = stop
            group.addTask { await self.perform(action, revision, until: stopped) }
        default:
            await worker.handle(action, revision)
        }
    }

    private func perform(_ action: RevisionAction, _ revision: RevisionRecord, until stopped: AsyncStream<Never>) async
    {
        let worker = worker
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                if action == .build { await worker.build(revision) } else { await worker.deploy(revision) }
            }
            group.addTask { for await _ in stopped {} }
            await group.next()
            group.cancelAll()
        }
        stops[revision.id] = nil
        await worker.closeLogs(of: revision)
        wake()
    }
}
