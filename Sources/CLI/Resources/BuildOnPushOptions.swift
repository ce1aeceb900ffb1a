import ArgumentParser
import ControlPlaneTypes

/// `--build-on-push` and its opposite.
struct BuildOnPushOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Whether a push makes a revision by itself.")
    var buildOnPush: Bool?

    var field: BodyField? {
        buildOnPush.map { BodyField(["source_config", "build_on_push"], .bool($0)) }
    }
}
