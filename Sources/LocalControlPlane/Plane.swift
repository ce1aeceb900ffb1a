import Clocks
import ControlPlaneTypes
import Foundation
import Hummingbird
import Logging

/// All parts of a control plane, put together and recovered, but not yet listening.
struct Plane: Sendable {
    let state: StateDirectory
    let store: Store
    let catalog: RepositoryCatalog
    let reconciler: RevisionReconciler
    let supervisor: AgentSupervisor
    let pushes: PushWatch
    let upkeep: Upkeep
    let recovery: Recovery
    private let clock: any RunClock
    private let service: DeploymentService
    private let logs: RevisionLogs
    private let uploads: UploadRoutes
    private let lookup: Lookup
    private let key: APIKey
    private let policy: PlanePolicy
    private let faults: FaultBook
    private let listeners: ListenerRoutes
    private let logger: Logger

    init(
        state: StateDirectory, store: Store, key: APIKey, runtime: any AgentRuntime, access: any RepositoryAccess,
        clock: any RunClock, ids: @escaping @Sendable () -> String, logger: Logger, policy: PlanePolicy = PlanePolicy()
    ) async throws {
        self.state = state
        self.store = store
        self.key = key
        self.clock = clock
        self.logger = logger
        self.policy = policy
        faults = FaultBook(policy.faults)
        listeners = ListenerRoutes(store: store, isAllowed: policy.allowsListeners, ids: ids, clock: clock)
        let integrationID = try await store.setting(.integrationID, orMake: ids)
        let planeID = try await store.setting(.planeID, orMake: ids)
        let uploadKey = try await store.setting(.uploadKey, orMake: UploadSigner.freshKey)
        catalog = RepositoryCatalog(store: store, access: access, integrationID: integrationID, clock: clock)
        logs = RevisionLogs(state: state, clock: clock)
        let fleet = Fleet(store: store, runtime: runtime, logger: logger)
        let housekeeping = Housekeeping(store: store, state: state, logger: logger)
        let work = RevisionWork(
            store: store, state: state, sources: SourceTree(state: state, access: access), runtime: runtime,
            fleet: fleet, logs: logs, housekeeping: housekeeping, planeID: planeID, faults: faults, clock: clock,
            logger: logger)
        reconciler = RevisionReconciler(
            store: store, work: work, clock: clock, logger: logger,
            planner: RevisionPlanner(buildSlots: policy.buildSlots))
        supervisor = AgentSupervisor(
            fleet: fleet, store: store, runtime: runtime, work: work, logs: logs, keepsAgents: policy.keepsAgents,
            clock: clock, logger: logger)
        recovery = Recovery(
            store: store, fleet: fleet, runtime: runtime, work: work, clock: clock, logger: logger)
        let factory = RevisionFactory(store: store, catalog: catalog, ids: ids, clock: clock)
        service = DeploymentService(
            store: store, revisions: factory, reconciler: reconciler, fleet: fleet,
            housekeeping: housekeeping, ids: ids, clock: clock)
        pushes = PushWatch(store: store, catalog: catalog, service: service, clock: clock, logger: logger)
        upkeep = Upkeep(
            store: store, state: state, housekeeping: housekeeping, clock: clock, logger: logger)
        lookup = Lookup(store: store)
        uploads = UploadRoutes(
            store: store, state: state, signer: UploadSigner(key: uploadKey), lookup: lookup, ids: ids, clock: clock)
    }

    func stopAgents() async { await supervisor.fleet.stopAll() }

    func router() -> Router<PlaneContext> {
        let router = Router(context: PlaneContext.self)
        router.add(middleware: UnreadBodyMiddleware())
        if let file = policy.recording {
            router.add(middleware: RecordingMiddleware(recording: RequestRecording(file: file)))
        }
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: FaultMiddleware(faults: faults, clock: clock))
        HealthRoutes().add(to: router)
        uploads.addUnauthenticated(to: router)
        let authenticated = router.group()
            .add(middleware: AuthenticationMiddleware(key: key, requiresTenant: policy.requiresTenant))
        FaultRoutes(faults: faults).add(to: authenticated)
        DeploymentTierRoutes(service: service, lookup: lookup).add(to: authenticated)
        DeploymentLogRoutes(lookup: lookup, logs: logs).add(to: authenticated)
        DeploymentRoutes(service: service, lookup: lookup).add(to: authenticated)
        RevisionRoutes(service: service, lookup: lookup).add(to: authenticated)
        LogRoutes(lookup: lookup, logs: logs).add(to: authenticated)
        IntegrationRoutes(catalog: catalog).add(to: authenticated)
        RepositoryRoutes(catalog: catalog).add(to: authenticated)
        listeners.add(to: authenticated)
        uploads.add(to: authenticated)
        router.refuseOtherMethods()
        return router
    }
}
