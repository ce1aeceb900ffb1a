package import ControlPlaneTypes
package import Engine
import Redaction

/// What becomes of a deployment's secrets: a pure decision. The API takes the whole set or none.
package struct SecretsPlan: Sendable, Equatable {
    package enum Mode: String, Sendable, CaseIterable {
        /// What is stored is carried over.
        case keep
        /// The file's are set, the others stay.
        case merge
        /// The file's are all there will be.
        case replace
    }

    /// What the request carries; nil leaves the secrets as they are.
    package private(set) var sent: [Secret]?
    package private(set) var added: [String] = []
    /// Written anew; whether the value is another one need not be known.
    package private(set) var set: [String] = []
    package private(set) var removed: [String] = []
    package private(set) var kept: [String] = []

    /// `given` is what the file has, `current` what the control plane answers, nil when it says nothing.
    ///
    /// Throws `StepFailure` where secrets would be lost.
    package static func decide(
        _ mode: Mode, given: [Secret]?, current: [Secret]?, isNew: Bool
    ) throws(StepFailure) -> SecretsPlan {
        let stored = current ?? []
        guard mode != .keep || isNew, let given else { return SecretsPlan(keeping: stored) }
        if isNew { return SecretsPlan(of: given, replacing: []) }
        if mode == .replace {
            guard !given.isEmpty || stored.isEmpty else { throw .nothingToReplaceWith }
            return SecretsPlan(of: given, replacing: stored)
        }
        let names = Set(given.map(\.name))
        let others = stored.filter { !names.contains($0.name) }
        let hidden = others.filter { !isLegible($0.value) }.map(\.name)
        guard current != nil, hidden.isEmpty || given.isEmpty else { throw .unreadable(hidden) }
        let values = Dictionary(given.map { ($0.name, $0) }) { $1 }
        let known = Set(stored.map(\.name))
        return SecretsPlan(
            of: stored.map { values[$0.name] ?? $0 } + given.filter { !known.contains($0.name) }, replacing: stored)
    }

    package static let none = SecretsPlan(keeping: [])

    private init(keeping stored: [Secret]) { kept = stored.map(\.name) }

    private init(of wanted: [Secret], replacing stored: [Secret]) {
        let before = Dictionary(stored.map { ($0.name, $0.value) }) { $1 }
        let after = Set(wanted.map(\.name))
        removed = stored.map(\.name).filter { !after.contains($0) }
        for secret in wanted {
            switch before[secret.name] {
            case nil: added.append(secret.name)
            case secret.value: kept.append(secret.name)
            default: set.append(secret.name)
            }
        }
        if !(added + set + removed).isEmpty { sent = wanted }
    }

    /// Planes may hide values in their answers; sent back, what stands for one would replace it.
    private static func isLegible(_ value: SecretValue) -> Bool {
        let text = value.reveal()
        let stars = ["***", "•••", "●●●"]
        let words = ["redacted", "hidden", "masked"]
        return !text.isEmpty && !stars.contains(where: text.contains)
            && !words.contains(String(text.lowercased().filter(\.isLetter)))
    }

    /// The names, for people; nil when there is nothing to tell.
    package var summary: String? {
        let parts = [("add", added), ("set", set), ("remove", removed), ("keep", kept)].filter { !$0.1.isEmpty }
        guard !parts.isEmpty else { return nil }
        return parts.map { "\($0.0) \($0.1.sorted().joined(separator: ", "))" }.joined(separator: "; ")
    }
}

extension StepFailure {
    fileprivate static let nothingToReplaceWith = StepFailure(
        .usage, code: "SecretsEmpty",
        "the secrets file is empty, and the service treats an empty set as no change",
        hint: "add at least one secret, or leave out --secrets replace")

    fileprivate static func unreadable(_ names: [String]) -> StepFailure {
        let which =
            names.isEmpty ? "which secrets there are" : "the values of \(names.sorted().joined(separator: ", "))"
        return StepFailure(
            .failed, code: "SecretsNotReadable",
            "the control plane does not return \(which), and a request replaces the whole set: merging would lose them",
            hint: "put every secret into the file and use --secrets replace")
    }
}
