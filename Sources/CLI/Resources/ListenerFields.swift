import ArgumentParser
import ControlPlaneTypes

/// What of a listener can be set and changed, as flags; each is a field of the request.
struct ListenerFields: ParsableArguments {
    @Option(
        name: .customLong("k8s-namespace"),
        help: ArgumentHelp(
            "A namespace that may be deployed to; repeatable, and all of them at once.", valueName: "name"))
    var namespaces: [String] = []

    @Option(help: ArgumentHelp("The version of the listener.", valueName: "version"))
    var version: String?

    var fields: [BodyField] {
        let names = RawJSON.array(namespaces.map(RawJSON.text))
        return [
            namespaces.isEmpty ? nil : BodyField(["compute_config", "k8s_namespaces"], names),
            BodyField("version", text: version),
        ].compactMap(\.self)
    }
}
