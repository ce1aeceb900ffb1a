import ArgumentParser

/// What is told of a run beside its progress.
struct ProgressOptions: ParsableArguments {
    @Flag(help: "Show the build and deploy logs of revisions as they come; on failure their ends are shown anyway.")
    var logs = false
}
