import ControlPlane
import Engine
import Fleet
import FoundationEssentials
import WorkflowModel

/// `fleet`: the whole of `slipway fleet deploy` as a step.
enum FleetStep {
    static let name = "fleet"

    static let signature = StepSignature(
        uses: name,
        summary: "Deploys a commit to the targets of a file, in waves, as `slipway fleet deploy` does.",
        inputs: [
            .init("file", isRequired: true, "path of the file of targets"),
            .init("targets", "only these targets, one a line"),
            .init("waves", "only these waves, by name or number, one a line"),
            .init("shard", "only every N-th target of each wave: I/N"),
            .init(
                "rate", default: .string(RequestRate.ofFleets.description),
                "most requests a second to one host with one key"),
            .init("ref", "branch or tag to deploy; default: that of HEAD"),
            .init("sha", "commit to deploy; default: that of the ref, or HEAD"),
            .init("allow-dirty", default: false, as: .boolean, "deploy even if the working tree is dirty"),
        ],
        outputs: [
            .init("rollout", "the targets that were found, for a resumed run", durable: true),
            .init("waves", "the jobs of the waves, in order"),
        ],
        access: .changes)

    static func type(_ services: StepServices) -> StepType {
        StepType(signature) { inputs, context in
            try await workflow(inputs, services, context)
        }
    }

    /// A later attempt has the targets that the first one found.
    private static func workflow(
        _ inputs: StepInputs, _ services: StepServices, _ context: StepContext
    ) async throws -> ReusableWorkflow {
        let rate = inputs.string("rate") ?? ""
        guard let limit = RequestRate(text: rate) else { throw inputs.invalid("rate", rate, RequestRate.accepted) }
        services.client.budgets.limit(to: limit)
        let rollout: FleetRollout
        if let earlier = context.previousAttempts.outputs["rollout"],
            let known = try StepInputs(["rollout": earlier]).structure("rollout", FleetRollout.self)
        {
            rollout = known
        } else {
            rollout = try await read(inputs, services)
            try context.output("rollout", encoding: rollout)
        }
        context.output("waves", .list(rollout.waves.map { .string(FleetWorkflow.job(of: $0.name)) }))
        let given = ["ref", "sha", "allow-dirty"].compactMap { name in
            inputs.string(name).map { (name, Value.string($0)) }
        }
        return ReusableWorkflow(
            FleetWorkflow(rollout).workflow, presets: Dictionary(given, uniquingKeysWith: { first, _ in first }))
    }

    private static func read(_ inputs: StepInputs, _ services: StepServices) async throws -> FleetRollout {
        let path = inputs.string("file") ?? ""
        let fleet = try fleet(at: path)
        var selection = FleetSelection(targets: inputs.strings("targets"), waves: inputs.strings("waves"))
        if let text = inputs.string("shard") {
            guard let shard = FleetSelection.Shard(text: text) else {
                throw inputs.invalid("shard", text, "I/N with I from 1 to N, such as 1/4")
            }
            selection.shard = shard
        }
        let planes = FleetPlanes(
            client: services.client, url: services.client.address.baseURL, connect: services.connect)
        do {
            let rollout = try await FleetReader(fleet, planes: planes).read(selection).rollout
            try FleetSettingsFiles().check(rollout.targets)
            return rollout
        } catch {
            throw StepFailure(explaining: error) ?? .init(.internalError, code: "Unexpected", "\(error)")
        }
    }

    private static func fleet(at path: String) throws -> Fleet {
        let file = try FleetFile.read(path, shownAs: path)
        if let fleet = file.fleet { return fleet }
        throw StepFailure(
            .invalidWorkflow, code: "InvalidFleet", "invalid file of targets: \(path)",
            hint: "check it with slipway validate \(path)",
            details: file.text.split(separator: "\n").map(String.init))
    }
}
