import Clocks
import ControlPlaneTypes
import Engine
import WorkflowModel

/// What can be told of the inputs of a deploy before anything is read.
struct DeployInputs {
    private let inputs: StepInputs

    init(_ inputs: StepInputs) { self.inputs = inputs }

    /// Throws the first problem.
    func check() throws { for check in Self.checks { try check(inputs) } }

    /// Every problem of the inputs that a target of a fleet sets; `timeout` is one of the whole deploy.
    static func problems(of values: [String: Value]) -> [StepFailure] {
        var found: [StepFailure] = []
        let known = values.filter { name, _ in PreflightStep.signature.inputs.contains { $0.name == name } }
        do {
            let inputs = try StepInputs(known, for: PreflightStep.signature)
            for check in checks {
                do { try check(inputs) } catch { found.append(StepFailure(explaining: error) ?? .unexpected(error)) }
            }
        } catch {
            found.append(StepFailure(explaining: error) ?? .unexpected(error))
        }
        if let timeout = values["timeout"]?.text, Duration(text: timeout).map({ $0 > .zero }) != true {
            found.append(
                StepFailure(
                    .usage, code: "InvalidTimeout", "invalid timeout '\(timeout)'",
                    hint: "write it as \(Duration.spellings)"))
        }
        return found
    }

    private static let checks: [@Sendable (StepInputs) throws -> Void] = [
        { _ = try DeployPolicy($0) },
        { try SmokePath.check($0.strings("smoke")) },
        { _ = try GraphRun.input("smoke-input", $0) },
        refuseInputWithoutGraph, refuseBuildOfImage,
        { _ = try image($0) },
    ]

    private static func refuseInputWithoutGraph(_ inputs: StepInputs) throws {
        guard inputs.string("smoke-input") != nil, inputs.string("smoke-graph") == nil else { return }
        throw StepFailure(
            .usage, code: "SmokeGraphMissing", "smoke-input requires smoke-graph: nothing else has an input",
            hint: "set --smoke-graph, or leave out --smoke-input")
    }

    /// Nothing is built of an image, so a command for the build is a mistake.
    private static func refuseBuildOfImage(_ inputs: StepInputs) throws {
        guard let image = inputs.string("image"),
            let name = ["build-command", "install-command"].first(where: { inputs.string($0) != nil })
        else { return }
        throw StepFailure(
            .usage, code: "NothingIsBuilt", "\(name) does not apply to image \(image): nothing is built",
            hint: "leave out --\(name), or deploy a commit instead of --image")
    }

    /// Throws `StepFailure` for one that cannot be pulled, or that may come to mean another one.
    static func image(_ inputs: StepInputs) throws(StepFailure) -> ImageReference? {
        guard let image = inputs.string("image").map(ImageReference.init) else { return nil }
        if let problem = image.problem {
            throw StepFailure(
                .usage, code: "InvalidImage", "invalid image '\(image)': \(problem)",
                hint: "write --image as REGISTRY/NAME@sha256:DIGEST")
        }
        guard image.digest != nil || inputs.flag("allow-mutable-image") else {
            throw StepFailure(
                .usage, code: "MutableImage",
                "image '\(image)' is named by a tag, which can change before it is pulled",
                hint: "name it by its digest, REGISTRY/NAME@sha256:DIGEST, or pass --allow-mutable-image")
        }
        return image
    }
}

/// How a deploy waits, and what it does when it fails.
struct DeployPolicy {
    private let waits: Bool
    private let pollInterval: String?
    private let onFailure: DeployPlan.OnFailure
    private let onSuperseded: DeployPlan.OnSuperseded
    private let onTimeout: DeployPlan.OnTimeout

    init(_ inputs: StepInputs) throws {
        waits = inputs.flag("wait")
        pollInterval = inputs.string("poll-interval")
        onFailure = try inputs.choice("on-failure")
        onSuperseded = try inputs.choice("on-superseded")
        onTimeout = try inputs.choice("on-timeout")
        _ = try PollSchedule(fixed: pollInterval, pastSeconds: [])
    }

    func apply(to plan: inout DeployPlan) {
        plan.waits = waits
        plan.pollInterval = pollInterval
        (plan.onFailure, plan.onSuperseded, plan.onTimeout) = (onFailure, onSuperseded, onTimeout)
    }
}
