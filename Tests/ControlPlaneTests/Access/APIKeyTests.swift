import ControlPlaneTypes
import Redaction
import Testing

@testable import ControlPlane

@Suite struct APIKeyTests {
    private struct NoSuchFile: Error {}

    private func key(file: Locked<String?>?) throws -> APIKey {
        var reread: (@Sendable () throws -> String)?
        if let file {
            reread = {
                guard let text = file.withLock(\.self) else { throw NoSuchFile() }
                return text
            }
        }
        return APIKey(try Credentials(apiKey: "first", source: "--api-key-file", reread: reread))
    }

    @Test func `row 15: another key in the file is used from then on, and the old one is hidden still`() throws {
        let file = Locked<String?>("second\n")
        let key = try key(file: file)
        #expect(key.current.reveal() == "first")
        #expect(key.renew()?.reveal() == "second")
        #expect(key.current.reveal() == "second")
        #expect(key.all.map { $0.reveal() } == ["second", "first"])
        #expect(key.renew() == nil)
        file.withLock { $0 = "first" }
        #expect(key.renew()?.reveal() == "first")
        #expect(key.all.map { $0.reveal() } == ["first", "second"])
    }

    @Test(arguments: [nil, "", "first\n", "two words"])
    func `row 15: a file that is gone, half written or the same changes nothing`(text: String?) throws {
        let key = try key(file: Locked(text))
        #expect(key.renew() == nil)
        #expect(key.current.reveal() == "first")
    }

    @Test func `a key that is from no file cannot be renewed`() throws {
        #expect(try key(file: nil).renew() == nil)
    }
}
