import ArgumentParser
import FoundationEssentials
import WorkflowModel

/// An image to deploy instead of a commit, and where it runs.
struct ImageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Image to deploy, for source external_docker: REGISTRY/NAME@sha256:DIGEST.", valueName: "uri"))
    var image: String?

    @Flag(help: "Allow an image named by a tag instead of a digest.")
    var allowMutableImage = false

    @Option(
        help: ArgumentHelp("Listener for a new image deployment. Default: the only one.", valueName: "uuid"))
    var listenerId: String?

    @Option(help: ArgumentHelp("Namespace of the listener. Default: the only one.", valueName: "name"))
    var k8sNamespace: String?

    func validate() throws {
        if let listenerId, UUID(uuidString: listenerId) == nil {
            throw ValidationError("invalid UUID for --listener-id: '\(listenerId)'")
        }
    }

    var inputs: [String: Value] {
        [
            "image": Value(image), "allow-mutable-image": .bool(allowMutableImage), "listener-id": Value(listenerId),
            "k8s-namespace": Value(k8sNamespace),
        ]
    }
}
