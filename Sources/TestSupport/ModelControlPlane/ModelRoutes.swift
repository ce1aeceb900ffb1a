import ControlPlane
import ControlPlaneTypes

/// Finds who answers a call: method and path, as the API documents them.
struct ModelRoutes: Sendable {
    typealias Handler = @Sendable (inout ModelWorld, ModelCall, [String]) throws(ModelProblem) -> ModelAnswer

    private let method: HTTPRequest.Method
    private let template: [Substring]
    private let handler: Handler

    private init(_ method: HTTPRequest.Method, _ template: String, _ handler: @escaping Handler) {
        self.method = method
        self.template = template.split(separator: "/")
        self.handler = handler
    }

    private static let all = [
        ModelRoutes(.get, "/v1/integrations/github/install", ModelReads.integrations),
        ModelRoutes(.get, "/v2/listeners", ModelReads.listeners),
        ModelRoutes(.get, "/v2/deployments", ModelReads.deployments),
        ModelRoutes(.post, "/v2/deployments", ModelChanges.createDeployment),
        ModelRoutes(.get, "/v2/deployments/{}", ModelReads.deployment),
        ModelRoutes(.patch, "/v2/deployments/{}", ModelChanges.patchDeployment),
        ModelRoutes(.delete, "/v2/deployments/{}", ModelChanges.deleteDeployment),
        ModelRoutes(.post, "/v2/deployments/{}/upload-url", ModelChanges.uploadURL),
        ModelRoutes(.get, "/v2/deployments/{}/revisions", ModelReads.revisions),
        ModelRoutes(.post, "/v2/deployments/{}/revisions", ModelChanges.createRevision),
        ModelRoutes(.get, "/v2/deployments/{}/revisions/{}", ModelReads.revision),
        ModelRoutes(.get, "/v2/deployments/{}/revisions/{}/logs", ModelReads.logs),
        ModelRoutes(.post, "/v1/projects/{}/revisions/{}/build_logs", ModelReads.olderBuildLogs),
        ModelRoutes(.post, "/v1/projects/{}/revisions/{}/deploy_logs", ModelReads.olderDeployLogs),
        ModelRoutes(.post, "/v2/deployments/{}/revisions/{}/redeploy", ModelChanges.redeploy),
        ModelRoutes(.post, "/v2/deployments/{}/revisions/{}/interruption", ModelChanges.interruption),
        ModelRoutes(.post, "/v2/deployments/{}/revisions/{}/interrupt", ModelChanges.interrupt),
    ]

    static func answer(_ call: ModelCall, in world: inout ModelWorld) throws(ModelProblem) -> ModelAnswer {
        if call.host == ModelControlPlane.storageHost { return try ModelChanges.upload(&world, call) }
        if call.host.hasSuffix(ModelControlPlane.agentSuffix) { return try ModelReads.agent(&world, call) }
        guard call.header("X-Api-Key") == world.key else { throw ModelProblem(401, "Unauthorized") }
        let segments = call.path.split(separator: "/")
        var isKnownPath = false
        for route in all {
            guard let captures = route.captures(segments) else { continue }
            isKnownPath = true
            if route.method == call.method { return try route.handler(&world, call, captures) }
        }
        throw isKnownPath ? ModelProblem(405, "Method Not Allowed") : .routeNotFound
    }

    private func captures(_ segments: [Substring]) -> [String]? {
        guard segments.count == template.count else { return nil }
        var captures: [String] = []
        for (segment, pattern) in zip(segments, template) {
            if pattern == "{}" { captures.append(String(segment)) } else if pattern != segment { return nil }
        }
        return captures
    }
}
