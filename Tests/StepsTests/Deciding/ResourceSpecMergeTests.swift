import ControlPlaneTypes
import Foundation
import Testing

@testable import Steps

@Suite struct ResourceSpecMergeTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func merged(_ given: String, _ stored: String?) throws -> JSONValue? {
        guard case .object(let members) = try json(given) else { return nil }
        return ResourceSpecMerge.merged(members, into: try stored.map(json)).map { .object($0) }
    }

    @Test func `keys that are stored and not given survive, also unknown ones`() throws {
        #expect(
            try merged(#"{"cpu": 2}"#, #"{"cpu": 1, "invented_later": {"a": [1, 2.5, null]}, "memory_mb": 1024}"#)
                == json(#"{"cpu": 2, "invented_later": {"a": [1, 2.5, null]}, "memory_mb": 1024}"#))
    }

    @Test func `containers, volumes and probes are as they were given`() throws {
        let given =
            #"{"readiness_probe": {"exec": {"command": ["true"]}}, "volumes": [{"name": "v", "emptyDir": {}}], "#
            + #""sidecars": [{"name": "s", "env": [{"name": "A", "value": null}]}]}"#
        let stored = #"{"readiness_probe": {"httpGet": {"port": 80}}, "volumes": [{"name": "w"}]}"#
        #expect(try merged(given, stored) == json(given))
    }

    @Test func `what was never set is answered as null and not sent back`() throws {
        #expect(try merged(#"{"cpu": 2}"#, #"{"cpu": null, "max_scale": null}"#) == json(#"{"cpu": 2}"#))
    }

    @Test func `a given null takes its key away`() throws {
        #expect(try merged(#"{"cpu": null}"#, #"{"cpu": 1, "memory_mb": 1}"#) == json(#"{"memory_mb": 1}"#))
    }

    @Test func `what is stored already changes nothing`() throws {
        #expect(try merged(#"{"cpu": 1.0}"#, #"{"cpu": 1, "memory_mb": 2}"#) == nil)
        #expect(try merged("{}", nil) == nil)
        #expect(try merged(#"{"cpu": null}"#, #"{"memory_mb": 1}"#) == nil)
        #expect(try merged(#"{"cpu": 1}"#, nil) == json(#"{"cpu": 1}"#))
    }
}
