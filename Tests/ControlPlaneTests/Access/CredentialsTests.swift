import ControlPlaneTypes
import Redaction
import Testing

@testable import ControlPlane

@Suite struct CredentialsLookupTests {
    private struct NoSuchFile: Error {}

    private static let tenant = "11111111-2222-3333-4444-555555555555"

    private func lookup(
        _ environment: [String: String] = [:], files: [String: String] = [:], input: String? = nil,
        isPipe: Bool = false
    ) -> CredentialsLookup {
        CredentialsLookup(
            environment: environment,
            readFile: { path in
                guard let text = files[path] else { throw NoSuchFile() }
                return KeyText(text, canBeReadAgain: !isPipe)
            },
            readStandardInput: {
                guard let input else { throw NoSuchFile() }
                return input
            })
    }

    private func key(_ lookup: CredentialsLookup) throws -> [String] {
        let credentials = try lookup.find()
        return [credentials.apiKey.reveal(), credentials.source]
    }

    @Test func `the key comes from the first setting that has one`() throws {
        var environment = [
            "LANGGRAPH_HOST_API_KEY": "k1", "LANGSMITH_API_KEY": "k2", "LANGCHAIN_API_KEY": "k3",
            "LANGSMITH_API_KEY_FILE": "/env",
        ]
        let files = ["/flag": "kf\n", "/env": "\t k4 \r\n"]
        var flagged = lookup(environment, files: files, input: " ks\n")
        flagged.readsKeyFromStandardInput = true
        #expect(try key(flagged) == ["ks", "--api-key-stdin"])
        flagged.apiKeyFile = "/flag"
        #expect(try key(flagged) == ["kf", "--api-key-file"])
        for (name, value) in [
            ("LANGGRAPH_HOST_API_KEY", "k1"), ("LANGSMITH_API_KEY", "k2"), ("LANGCHAIN_API_KEY", "k3"),
            ("LANGSMITH_API_KEY_FILE", "k4"),
        ] {
            #expect(try key(lookup(environment, files: files)) == [value, name])
            environment[name] = " "
        }
        let error = #expect(throws: ControlPlaneError.self) { try lookup(environment, files: files).find() }
        #expect(error?.kind == .configuration)
        #expect(error?.hint?.contains("LANGSMITH_API_KEY") == true)
    }

    @Test(arguments: ["a\nb", "a b", "k\r\nX-Evil: 1", "ключ", "a\u{0}b", "k\u{7F}"])
    func `a key that cannot be a header value is refused and not printed`(text: String) throws {
        let error = try #require(throws: ControlPlaneError.self) { try lookup(["LANGSMITH_API_KEY": text]).find() }
        #expect(error.message.contains("LANGSMITH_API_KEY"))
        #expect(!error.message.contains(text))
    }

    @Test func `the error about an empty or missing file names its flag`() throws {
        var lookup = lookup(files: ["/empty": "\n"])
        for path in ["/empty", "/missing"] {
            lookup.apiKeyFile = path
            let error = try #require(throws: ControlPlaneError.self) { try lookup.find() }
            #expect(error.message.contains("--api-key-file"))
        }
        lookup.apiKeyFile = nil
        lookup.readsKeyFromStandardInput = true
        #expect(throws: ControlPlaneError.self) { try lookup.find() }
    }

    @Test func `the workspace is a UUID from the flag or a variable`() throws {
        let environment = ["LANGSMITH_API_KEY": "k", "WORKSPACE_ID": Self.tenant]
        #expect(try lookup(environment).find().tenantID == Self.tenant)
        var flagged = lookup(environment)
        flagged.tenantID = Self.tenant.uppercased()
        #expect(try flagged.find().tenantID == Self.tenant.uppercased())
        #expect(try lookup(["LANGSMITH_API_KEY": "k"]).find().tenantID == nil)
        for name in ["LANGSMITH_TENANT_ID", "WORKSPACE_ID"] {
            let error = #expect(throws: ControlPlaneError.self) {
                try lookup(["LANGSMITH_API_KEY": "k", name: "acme"]).find()
            }
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test func `a description of credentials omits the key`() throws {
        let credentials = try lookup(["LANGSMITH_API_KEY": "lsv2_hidden"]).find()
        #expect(!"\(credentials)".contains("lsv2_hidden"))
    }

    @Test func `row 15: a key from a pipe is read once`() throws {
        let piped = try lookup(["LANGSMITH_API_KEY_FILE": "/dev/fd/63"], files: ["/dev/fd/63": "k"], isPipe: true)
            .find()
        #expect(piped.apiKey.reveal() == "k")
        #expect(piped.reread == nil)
        #expect(APIKey(piped).renew() == nil)
    }

    @Test func `row 15: only a key from a file can be read again`() throws {
        let files = ["/flag": "kf", "/env": "k4"]
        var flagged = lookup(["LANGSMITH_API_KEY": "k2"], files: files)
        #expect(try flagged.find().reread == nil)
        flagged.apiKeyFile = "/flag"
        #expect(try flagged.find().reread?() == "kf")
        #expect(try lookup(["LANGSMITH_API_KEY_FILE": "/env"], files: files).find().reread?() == "k4")
        var piped = lookup(["LANGSMITH_API_KEY_FILE": "/env"], files: files, input: "ks")
        piped.readsKeyFromStandardInput = true
        #expect(try piped.find().reread == nil)
    }
}

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

    @Test func `row 15: a new key in the file is used from then on, and the old one is still redacted`() throws {
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
    func `row 15: a missing, half-written or unchanged file changes nothing`(text: String?) throws {
        let key = try key(file: Locked(text))
        #expect(key.renew() == nil)
        #expect(key.current.reveal() == "first")
    }

    @Test func `a key that is not from a file cannot be renewed`() throws {
        #expect(try key(file: nil).renew() == nil)
    }
}
