import Clocks
import ControlPlaneTypes
import Logging
import ServiceLifecycle

/// Makes a revision of every push to a branch that a deployment with `build_on_push` tracks.
struct PushWatcher: Service {
    /// Between two looks; a look costs a file or two per deployment.
    private static let interval = Duration.seconds(2)

    let store: Store
    let catalog: RepositoryCatalog
    let service: DeploymentService
    let clock: any RunClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await clock.sleep(for: Self.interval)) != nil { await look() }
        }
    }

    func look() async {
        do {
            for deployment in try await store.deploymentsBuiltOnPush() { await look(at: deployment) }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("cannot look for pushWatcher", metadata: ["error": "\(error)"])
        }
    }

    private func look(at deployment: DeploymentRecord) async {
        guard let ref = deployment.trackedRef, let url = deployment.sourceConfig.repoURL,
            // A branch or a repository that is gone may come back.
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

/// What a look at a tracked branch leads to.
enum PushDecision: Equatable {
    case nothing, remember, deploy

    /// - Parameter seen: the commit that was deployed or seen last; nil before the first look.
    static func decide(seen: String?, head: String) -> PushDecision {
        guard let seen else { return .remember }
        return seen == head ? .nothing : .deploy
    }
}
