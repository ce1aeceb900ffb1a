import Clocks
import ControlPlaneTypes
import Logging
import ServiceLifecycle

/// Creates a revision for every push to the tracked branch of a deployment with `build_on_push`.
struct PushWatcher: Service {
    /// Between two checks; a check reads one or two files per deployment.
    private static let interval = Duration.seconds(2)

    let store: Store
    let catalog: RepositoryCatalog
    let service: DeploymentService
    let clock: any RunClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.interval)) != nil { await checkAll() }
        }
    }

    func checkAll() async {
        do {
            for deployment in try await store.deploymentsBuiltOnPush() { await check(deployment) }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("cannot check for pushes", metadata: ["error": "\(error)"])
        }
    }

    private func check(_ deployment: DeploymentRecord) async {
        guard let ref = deployment.trackedRef, let url = deployment.sourceConfig.repoURL,
            // A missing branch or repository may come back.
            let head = try? await catalog.pin(ref: ref, of: url).commit
        else { return }
        do {
            switch PushDecision.decide(seen: deployment.watchedCommit, head: head) {
            case .nothing: break
            case .remember: try await store.update(deployment.id) { $0.watchedCommit = head }
            case .deploy:
                var change = DeploymentChange()
                change.revisionConfig.repoRef = ref
                _ = try await service.addRevision(to: deployment, change)
            }
        } catch {
            logger.warning(
                "cannot deploy a push", metadata: ["deployment": "\(deployment.name)", "error": "\(error)"])
        }
    }
}

/// What to do after checking a tracked branch.
enum PushDecision: Equatable {
    case nothing, remember, deploy

    /// - Parameter seen: the last commit that was deployed or seen; nil before the first check.
    static func decide(seen: String?, head: String) -> PushDecision {
        guard let seen else { return .remember }
        return seen == head ? .nothing : .deploy
    }
}
