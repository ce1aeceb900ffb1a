package import ControlPlaneTypes

/// What a deployment's resource spec becomes: a pure decision. The API replaces the stored object as a whole.
package enum ResourceSpecMerge {
    /// The stored object with the given keys in it, each as it was given; a given null takes its key away. Nil when
    /// that changes nothing.
    package static func merged(_ given: [String: JSONValue], into stored: JSONValue?) -> [String: JSONValue]? {
        var before: [String: JSONValue] = [:]
        // The service answers what was never set as null.
        if case .object(let members) = stored { before = members.filter { $0.value != .null } }
        let after = before.merging(given) { $1 }.filter { $0.value != .null }
        return after == before ? nil : after
    }
}
