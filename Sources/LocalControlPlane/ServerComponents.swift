import Clocks
import ControlPlaneTypes
import Foundation
import Hummingbird
import Logging

/// The parts of a control plane, connected but not yet listening.
struct ServerComponents: Sendable {
    let state: PlaneDirectory
    let store: Store
    let catalog: RepositoryCatalog
    let reconciler: RevisionReconciler
    let supervisor: AgentSupervisor
    let pushWatcher: PushWatcher
    let retention: RetentionService
    let recovery: Recovery
    private let clock: any RunClock
    private let service: DeploymentService
    private let logs: RevisionLogs
    private let uploads: UploadRoutes
    private let lookup: ResourceLookup
    let key: APIKey
    private let options: ServerOptions
    private let faults: ActiveFaults
    private let listeners: ListenerRoutes
    private let logger: Logger

    init(
        state: PlaneDirectory, store: Store, key: APIKey, runtime: any AgentRuntime, access: any RepositoryAccess,
        clock: any RunClock, ids: @escaping @Sendable () -> String, logger: Logger,
        options: ServerOptions = ServerOptions()
    ) async throws {
        self.state = state
        self.store = store
        self.key = key
        self.clock = clock
        self.logger = logger
        self.options = options
        faults = ActiveFaults(options.faults)
        listeners = ListenerRoutes(store: store, isAllowed: options.allowsListeners, ids: ids, clock: clock)
        let integrationID = try await store.setting(.integrationID, orCreate: ids)
        let instanceID = try await store.setting(.instanceID, orCreate: ids)
        let uploadKey = try await store.setting(.uploadKey, orCreate: UploadSigner.freshKey)
        catalog = RepositoryCatalog(store: store, access: access, integrationID: integrationID, clock: clock)
        logs = RevisionLogs(state: state, clock: clock)
        let registry = AgentRegistry(store: store, runtime: runtime, logger: logger)
        retention = RetentionService(store: store, state: state, clock: clock, logger: logger)
        let worker = RevisionWorker(
            store: store, state: state, sources: SourceTree(state: state, access: access), runtime: runtime,
            registry: registry, logs: logs, retention: retention, instanceID: instanceID, faults: faults, clock: clock,
            logger: logger)
        reconciler = RevisionReconciler(
            store: store, worker: worker, clock: clock, logger: logger,
            planner: RevisionPlanner(buildSlots: options.buildSlots))
        supervisor = AgentSupervisor(
            registry: registry, store: store, runtime: runtime, worker: worker, logs: logs,
            keepsAgents: options.keepsAgents,
            clock: clock, logger: logger)
        recovery = Recovery(
            store: store, registry: registry, runtime: runtime, worker: worker, clock: clock, logger: logger)
        let factory = RevisionFactory(store: store, catalog: catalog, ids: ids, clock: clock)
        service = DeploymentService(
            store: store, revisions: factory, reconciler: reconciler, registry: registry,
            retention: retention, ids: ids, clock: clock)
        pushWatcher = PushWatcher(store: store, catalog: catalog, service: service, clock: clock, logger: logger)
        lookup = ResourceLookup(store: store)
        uploads = UploadRoutes(
            store: store, state: state, signer: UploadSigner(key: uploadKey), lookup: lookup, ids: ids, clock: clock)
    }

    func stopAgents() async { await supervisor.registry.stopAll() }

    /// - Parameter refusingOtherMethods: whether known paths answer 405 to the methods that they do not have.
    func router(refusingOtherMethods: Bool = true) -> Router<APIRequestContext> {
        let router = Router(context: APIRequestContext.self)
        router.add(middleware: UnreadBodyMiddleware())
        if let file = options.recording {
            router.add(middleware: RecordingMiddleware(recording: RequestRecording(file: file)))
        }
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: FaultMiddleware(faults: faults, clock: clock))
        router.get("/ok") { _, _ in try Response(json: ["ok": true]) }
        router.get("/openapi.json") { _, _ in Response(jsonBytes: PackageResources.openapi_json) }
        uploads.addUnauthenticated(to: router)
        let authenticated = router.group()
            .add(middleware: AuthenticationMiddleware(key: key, requiresTenant: options.requiresTenant))
        if options.isReadOnly { authenticated.add(middleware: ReadOnlyMiddleware()) }
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
        if refusingOtherMethods { router.refuseOtherMethods() }
        return router
    }
}
