import ControlPlaneTypes
import Testing

@testable import Steps

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
