import ArgumentParser
import Engine
import Export
import WorkflowModel

extension ExportEngine: ExpressibleByArgument {}

/// How a fleet is divided into the jobs of an engine.
struct ExportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("About how many targets a job deploys.", valueName: "n"))
    var targetsPerShard = ExportRequest.defaultTargetsPerShard

    @Option(
        help: ArgumentHelp(
            "How many targets each discovery is expected to find; a number that is too low makes larger jobs.",
            valueName: "n"))
    var discovered = ExportRequest.defaultDiscovered

    @Option(help: ArgumentHelp("This wave starts after somebody approves it; repeatable.", valueName: "wave"))
    var approve: [String] = []

    @Option(
        help: ArgumentHelp(
            "GitHub, GitLab: the environment of each wave's jobs, such as production-{wave} or {fleet}-{wave}.",
            valueName: "name"))
    var environment: String?

    @Option(
        help: ArgumentHelp(
            "GitHub: the runner. Default: \(ExportRequest.defaultRunner).", valueName: "label"))
    var runsOn: String?

    @Option(
        help: ArgumentHelp(
            "GitHub: the action that installs slipway. Default: \(ExportRequest.defaultSetupAction).",
            valueName: "action"))
    var setupAction: String?

    @Option(
        help: ArgumentHelp(
            "GitLab, Argo: the image with slipway. Default: $SLIPWAY_IMAGE for GitLab, a parameter for Argo.",
            valueName: "uri"))
    var image: String?

    func validate() throws {
        for (flag, number) in [("--targets-per-shard", targetsPerShard), ("--discovered", discovered)] {
            guard (1...Matrix.maximumRows).contains(number) else {
                throw ValidationError("\(flag): use a number from 1 to \(Matrix.maximumRows)")
            }
        }
    }

    /// Throws `StepFailure` (64) for flags that do not apply to the engine.
    func request(_ engine: ExportEngine, _ paths: ExportPaths) throws(StepFailure) -> ExportRequest {
        let limited: [(flag: String, isSet: Bool, engines: [ExportEngine])] = [
            ("--environment", environment != nil, [.github, .gitlab]), ("--runs-on", runsOn != nil, [.github]),
            ("--setup-action", setupAction != nil, [.github]), ("--image", image != nil, [.gitlab, .argo]),
        ]
        for option in limited where option.isSet && !option.engines.contains(engine) {
            throw StepFailure(
                .usage, code: "InvalidFlag", "\(option.flag) does not apply to \(engine.title)", hint: "leave it out")
        }
        var request = ExportRequest(engine: engine, file: paths.file, folder: paths.folder)
        request.directory = paths.directory
        (request.targetsPerShard, request.discovered) = (targetsPerShard, discovered)
        (request.approvals, request.environment, request.image) = (approve, environment, image)
        request.runner = runsOn ?? request.runner
        request.setupAction = setupAction ?? request.setupAction
        return request
    }
}
