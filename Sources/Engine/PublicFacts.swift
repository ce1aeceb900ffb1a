package import WorkflowModel

/// The texts of values that are public: names, refs, ids, paths, addresses and choices.
package enum PublicFacts {
    /// The inputs, outputs and members of the built-in steps that hold free text, in which a secret may be.
    static let freeTexts: Set<String> = [
        "build-command", "install-command", "message", "reason", "smoke", "smoke-input", "subject",
    ]

    /// Every text of a declared input or output, except free text.
    package static func texts(of value: Value, named name: String) -> Set<String> {
        var texts: Set<String> = []
        collect(value, name, &texts)
        return texts
    }

    private static func collect(_ value: Value, _ name: String, _ texts: inout Set<String>) {
        guard !freeTexts.contains(name) else { return }
        switch value {
        case .string(let text): texts.insert(text)
        case .list(let elements): for element in elements { collect(element, name, &texts) }
        case .object(let members): for (key, member) in members { collect(member, key, &texts) }
        case .null, .bool, .number, .digits, .withheld: break
        }
    }
}
