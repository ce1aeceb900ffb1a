import ControlPlaneTypes
import Engine
import Foundation
import Redaction
import Testing

@testable import Steps

@Suite struct SecretsPlanTests {
    private func secrets(_ pairs: KeyValuePairs<String, String>?) -> [Secret]? {
        pairs.map { $0.map { Secret(name: $0.key, value: SecretValue($0.value)) } }
    }

    private func plan(
        _ mode: SecretsPlan.Mode, _ given: KeyValuePairs<String, String>?, _ current: KeyValuePairs<String, String>?,
        isNew: Bool = false
    ) throws -> SecretsPlan {
        try SecretsPlan.decide(mode, given: secrets(given), current: secrets(current), isNew: isNew)
    }

    private func sent(_ plan: SecretsPlan) -> [String]? {
        plan.sent?.map { "\($0.name)=\($0.value.reveal())" }
    }

    private func code(_ plan: () throws -> SecretsPlan) -> String? {
        #expect(throws: StepFailure.self) { try plan() }?.code
    }

    @Test func `kept secrets are left out of the request, whatever the file has`() throws {
        let kept = try plan(.keep, ["A": "1"], ["B": "2"])
        #expect(kept.sent == nil)
        #expect(kept.kept == ["B"])
        #expect(try plan(.keep, nil, ["B": "2"]).sent == nil)
    }

    @Test(arguments: SecretsPlan.Mode.allCases)
    func `a new deployment gets the file's in every way`(mode: SecretsPlan.Mode) throws {
        let new = try plan(mode, ["A": "1", "B": "2"], nil, isNew: true)
        #expect(sent(new) == ["A=1", "B=2"])
        #expect(new.added == ["A", "B"])
        #expect(new.summary == "add A, B")
    }

    @Test func `replaced secrets are the file's and no others`() throws {
        let replaced = try plan(.replace, ["A": "1", "B": "new", "C": "3"], ["B": "old", "C": "3", "D": "***"])
        #expect(sent(replaced) == ["A=1", "B=new", "C=3"])
        #expect(replaced.summary == "add A; set B; remove D; keep C")
    }

    @Test func `merged secrets are those that are there with the file's in them`() throws {
        let merged = try plan(.merge, ["A": "1", "B": "new"], ["C": "3", "B": "old"])
        #expect(sent(merged) == ["C=3", "B=new", "A=1"])
        #expect(merged.summary == "add A; set B; keep C")
    }

    @Test func `secrets that are as they should be are not sent`() throws {
        #expect(try plan(.merge, ["A": "1"], ["A": "1", "B": "2"]).sent == nil)
        #expect(try plan(.replace, ["A": "1"], ["A": "1"]).sent == nil)
    }

    @Test func `a value that is hidden may be another one, so it is sent`() throws {
        #expect(sent(try plan(.replace, ["A": "1"], ["A": "***"])) == ["A=1"])
        #expect(sent(try plan(.merge, ["A": "1"], ["A": "***"])) == ["A=1"])
    }

    @Test(arguments: ["", "***", "********", "sk-***abcd", "••••••", "<redacted>", "[HIDDEN]", "masked"])
    func `merging would lose what the plane does not tell`(value: String) {
        #expect(code { try plan(.merge, ["A": "1"], ["B": value]) } == "SecretsNotReadable")
    }

    @Test func `merging into what is not told at all is refused too`() {
        #expect(code { try plan(.merge, ["A": "1"], nil) } == "SecretsNotReadable")
    }

    @Test func `the refusal names the secrets and not their values`() {
        let failure = #expect(throws: StepFailure.self) {
            try plan(.merge, ["A": "hunter2"], ["B": "***", "C": "legible-value"])
        }
        #expect(failure?.message.contains("values of B,") == true)
        #expect(failure?.message.contains("legible-value") == false)
    }

    @Test func `an empty file replaces nothing, because the service would keep what is there`() throws {
        #expect(code { try plan(.replace, [:], ["A": "1"]) } == "SecretsEmpty")
        #expect(try plan(.replace, [:], [:]).sent == nil)
        #expect(try plan(.merge, [:], ["A": "***"]).sent == nil)
    }
}

@Suite struct ReservedSecretNamesTests {
    @Test func `what the service sets itself is reserved everywhere`() {
        let names = ["OPENAI_API_KEY", "PORT", "LSD_ENV", "LSD_ANYTHING", "POSTGRES_URI", "port"]
        #expect(ReservedSecretNames.reserved(in: names) == ["PORT", "LSD_ENV", "LSD_ANYTHING", "POSTGRES_URI"])
    }

    @Test func `a plane of one's own, which deploys images, takes four more`() {
        let names = ["LANGSMITH_API_KEY", "POSTGRES_URI_CUSTOM", "A"]
        #expect(ReservedSecretNames.reserved(in: names).isEmpty)
        #expect(ReservedSecretNames.reserved(in: names, source: .externalDocker).isEmpty)
        #expect(
            ReservedSecretNames.reserved(in: names, source: .github) == ["LANGSMITH_API_KEY", "POSTGRES_URI_CUSTOM"])
    }
}

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
