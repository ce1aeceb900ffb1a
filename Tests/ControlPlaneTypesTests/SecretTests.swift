import ControlPlaneTypes
import FoundationEssentials
import Redaction
import Testing

@Suite struct SecretTests {
    let secret = Secret(name: "TOKEN", value: SecretValue("hunter2"))

    @Test func `a secret does not show in any description`() {
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])", "\(secret.value as Any)"] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `a secret goes over the wire as it is`() throws {
        let data = try JSONEncoder().encode(secret)
        #expect(String(decoding: data, as: UTF8.self).contains("hunter2"))
        #expect(try JSONDecoder().decode(Secret.self, from: data) == secret)
    }
}
