import ArgumentParser
import FoundationEssentials
import WorkflowModel

/// What deploys an image instead of a commit, and where it runs.
struct ImageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The image, for the source external_docker, by its digest: REGISTRY/NAME@sha256:DIGEST.", valueName: "uri"))
    var image: String?

    @Flag(help: "Go on although a tag, which may come to mean another image, names the image.")
    var allowMutableImage = false

    @Option(
        help: ArgumentHelp("The listener of a new deployment of an image. Default: the only one.", valueName: "uuid"))
    var listenerId: String?

    @Option(help: ArgumentHelp("The listener's namespace. Default: the only one.", valueName: "name"))
    var k8sNamespace: String?

    func validate() throws {
        if let listenerId, UUID(uuidString: listenerId) == nil {
            throw ValidationError("--listener-id '\(listenerId)' is no UUID")
        }
        if image?.isEmpty == true { throw ValidationError("--image is empty: name it as REGISTRY/NAME@sha256:DIGEST") }
    }

    var inputs: [String: Value] {
        [
            "image": Value(image), "allow-mutable-image": .bool(allowMutableImage), "listener-id": Value(listenerId),
            "k8s-namespace": Value(k8sNamespace),
        ]
    }
}
