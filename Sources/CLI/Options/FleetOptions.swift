import ArgumentParser
import ControlPlane
import Engine
import Fleet
import WorkflowModel

/// Which file, and which of its targets.
struct FleetFileOption: ParsableArguments {
    @Argument(help: "File of targets, or - for standard input.", completion: .file(extensions: ["yml", "yaml"]))
    var file: String

    var source: FleetSource { FleetSource(path: file) }
}

struct FleetSelectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this target; repeatable.", valueName: "name"))
    var target: [String] = []

    @Option(help: ArgumentHelp("Only this wave, by its number or name; repeatable.", valueName: "wave"))
    var wave: [String] = []

    @Option(
        help: ArgumentHelp("Only every N-th target of each wave, from the I-th on.", valueName: "i/n"),
        transform: ShardArgument.parse)
    var shard: FleetSelection.Shard?

    var selection: FleetSelection { FleetSelection(targets: target, waves: wave, shard: shard) }
}

struct FleetRateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Most requests a second to one host with one key. Default: 10/s.", valueName: "n/s"),
        transform: RateArgument.parse)
    var rate: RequestRate?
}

enum RateArgument {
    /// Throws `ValidationError` with the accepted form.
    @Sendable static func parse(_ text: String) throws -> RequestRate {
        guard let rate = RequestRate(text: text) else { throw ValidationError("write it as \(RequestRate.accepted)") }
        return rate
    }
}

enum ShardArgument {
    /// Throws `ValidationError` with the accepted form.
    @Sendable static func parse(_ text: String) throws -> FleetSelection.Shard {
        guard let shard = FleetSelection.Shard(text: text) else {
            throw ValidationError("write it as I/N with I from 1 to N, such as 1/4")
        }
        return shard
    }
}

/// The commit that a fleet gets.
struct FleetCommitOptions: ParsableArguments {
    @Option(help: "Branch, or refs/tags/NAME for a tag. Default: the current branch or tag.")
    var ref: String?

    @Option(help: "Commit to deploy. Default: the ref's commit, or HEAD.")
    var sha: String?
}

/// How a fleet is deployed, for targets that do not say so themselves.
struct FleetDeployOptions: ParsableArguments {
    @OptionGroup var commit: FleetCommitOptions

    @Flag(help: "Deploy even if the working tree is dirty.")
    var allowDirty = false

    @Flag(help: "Deploy even if the commit is not on the remote branch.")
    var allowUnpushed = false

    @Flag(help: "Deploy even if this or a newer commit is live.")
    var force = false

    @Option(
        help: ArgumentHelp("Timeout of the whole run. Default: none.", valueName: "duration"),
        transform: DurationArgument.parse)
    var timeout: DurationArgument?

    var inputs: [String: Value] {
        [
            "ref": Value(commit.ref), "sha": Value(commit.sha), "allow-dirty": .bool(allowDirty), "directory": ".",
        ]
    }

    var flags: RunFlags {
        var values: [String: Value] = [:]
        if allowDirty { values["allow-dirty"] = true }
        if allowUnpushed { values["allow-unpushed"] = true }
        if force { values["force"] = true }
        if let timeout { values["timeout"] = .string(timeout.text) }
        return RunFlags(values)
    }
}
