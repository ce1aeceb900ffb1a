import Engine
import WorkflowModel

/// The image that a run deploys instead of a commit, as its plan names it.
package struct DeployedImage: Sendable, Equatable {
    /// As many digits of a digest as tell images apart.
    private static let digits = 12

    /// `registry/name:tag@sha256:…`.
    package let text: String
    /// The image that was live before; nil when that is not known.
    var before: String?

    /// `registry/name@sha256:` and the first digits.
    var short: String {
        let parts = text.split(separator: "@", maxSplits: 1)
        guard let name = parts.first, let digest = parts.dropFirst().first else { return text }
        let halves = digest.split(separator: ":", maxSplits: 1)
        return "\(name)@" + halves.map { String($0.prefix(Self.digits)) }.joined(separator: ":")
    }

    /// Whether what was live before has the same tag, which may name this image by now.
    var sharesTag: Bool { !text.contains("@") && before == text }
}

extension RunSummary {
    /// Nil for a rollout of a commit.
    package func image(of rollout: RolloutSummary) -> DeployedImage? {
        let own = steps.filter { rollout.jobs.contains($0.job) }
        for case .object(let plan)? in own.reversed().map({ $0.outputs["plan"] }) {
            guard let image = plan["image"]?.string else { continue }
            var found = DeployedImage(text: image)
            if case .object(let current)? = plan["current"] { found.before = current["image"]?.string }
            return found
        }
        // Before there is a plan; in other workflows an input of this name may mean anything.
        guard workflow == "deploy", !hasSeveralRollouts, case .string(let image)? = inputs["image"], !image.isEmpty
        else { return nil }
        return DeployedImage(text: image)
    }

    /// What a rollout deploys, shortened: an image, or a commit as git abbreviates it. Nil when neither is known.
    func subject(of rollout: RolloutSummary) -> String? {
        image(of: rollout)?.short ?? rollout.commit.map { String($0.sha.prefix(7)) }
    }
}
