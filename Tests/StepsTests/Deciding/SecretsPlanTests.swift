import ControlPlaneTypes
import Engine
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
