import Foundation
import JSON
import Testing

@testable import Redaction

@Suite struct JSONRedactionTests {
    private func redacted(_ text: String) throws -> String {
        String(decoding: try RawJSON(parsing: Data(text.utf8)).redacted.data, as: UTF8.self)
    }

    @Test func `the value of a secret is hidden wherever it is repeated`() throws {
        let text = #"{"url":"https://x/hunter2pass?q","secrets":[{"name":"A","value":"hunter2pass"}],"n":"agent"}"#
        #expect(
            try redacted(text) == #"{"url":"https://x/***?q","secrets":[{"name":"A","value":"***"}],"n":"agent"}"#)
    }

    @Test(arguments: [
        (#"{"secrets":[{"name":"A","value":"x"}]}"#, #"{"secrets":[{"name":"A","value":"***"}]}"#),
        (#"{"secrets":[{"value":"x","name":"A"}]}"#, #"{"secrets":[{"value":"***","name":"A"}]}"#),
        (#"{"s\u0065crets":[{"name":"A","v\u0061lue":"x"}]}"#, #"{"s\u0065crets":[{"name":"A","v\u0061lue":"***"}]}"#),
        (
            #"{"secrets":[{"name":"A","value":"x","value":"y"}]}"#,
            #"{"secrets":[{"name":"A","value":"***","value":"***"}]}"#
        ),
        (
            #"{"secrets":[{"name":"A","value":{"deep":["x",7]}}]}"#,
            #"{"secrets":[{"name":"A","value":{"deep":["***","***"]}}]}"#
        ),
        (
            #"{"secrets":[{"name":"A","value":""},{"name":"B","value":null}]}"#,
            #"{"secrets":[{"name":"A","value":"***"},{"name":"B","value":null}]}"#
        ),
        (
            #"{"secrets":[{"name":"A","plaintext":"x","id":"1","updated_at":"t"}]}"#,
            #"{"secrets":[{"name":"A","plaintext":"***","id":"1","updated_at":"t"}]}"#
        ),
        (#"{"secrets":{"name":"x","B":"y"}}"#, #"{"secrets":{"name":"***","B":"***"}}"#),
        (#"{"secrets":["A=x"]}"#, #"{"secrets":["***"]}"#),
        (
            #"{"resources":[{"deployment":{"secrets":[{"name":"A","value":"x"}]}}]}"#,
            #"{"resources":[{"deployment":{"secrets":[{"name":"A","value":"***"}]}}]}"#
        ),
        (#"{"build_secrets":[{"name":"A","value":"x"}]}"#, #"{"build_secrets":[{"name":"A","value":"***"}]}"#),
    ])
    func `every value in secrets is hidden, and no name`(text: String, expected: String) throws {
        #expect(try redacted(text) == expected)
    }

    @Test(arguments: [
        #"{"secret_references":[{"name":"A","secret_name":"B","secret_key":"C"}]}"#,
        #"{"image_pull_secrets":[{"name":"registry"}],"imagePullSecrets":[{"name":"registry"}]}"#,
        #"{"env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"B","key":"C"}}}],"envFrom":[{"secretRef":{"name":"B"}}]}"#,
        #"{"volumes":[{"name":"v","secret":{"secretName":"B","items":[{"key":"k","path":"p"}]}}]}"#,
        #"{"name":"agent","labels":[{"name":"team","value":"x"}],"token_url":"https://h/t","auth_url":"https://h/a"}"#,
        #"{"oauth_token_id":"1","next_page_token":"2","token_endpoint_auth_method":"none","max_tokens":5,"uses_pkce":true}"#,
        #"{"agent_environment":"production","key":"k","repo_url":"https://github.com/o/r","at":"a@b.c https://h/x@y"}"#,
        #"{"id":1.50,"big":123456789012345678901234567890,"url":"ssh://git@github.com/o/r","has_secret":true}"#,
    ])
    func `names, references and look-alikes stay as they are`(text: String) throws {
        #expect(try redacted(text) == text)
    }

    @Test(arguments: [
        (#"{"token":"x"}"#, #"{"token":"***"}"#), (#"{"clientSecret":"x"}"#, #"{"clientSecret":"***"}"#),
        (#"{"a":[{"b":{"API_KEY":"x"}}]}"#, #"{"a":[{"b":{"API_KEY":"***"}}]}"#),
        (#"{"X-Api-Key":"x"}"#, #"{"X-Api-Key":"***"}"#), (#"{"password":12}"#, #"{"password":"***"}"#),
        (#"{"api_keys":["x","y"]}"#, #"{"api_keys":["***","***"]}"#),
        (#"{"tokens":[{"id":"1","access_token":"x"}]}"#, #"{"tokens":[{"id":"1","access_token":"***"}]}"#),
        (#"{"credentials":{"user":"u","pass":"x"}}"#, #"{"credentials":{"user":"***","pass":"***"}}"#),
        (#"{"password":{"value":"x"}}"#, #"{"password":{"value":"***"}}"#),
        (#"{"vars":[{"name":"OPENAI_API_KEY","value":"x"}]}"#, #"{"vars":[{"name":"OPENAI_API_KEY","value":"***"}]}"#),
        (#"{"vars":[{"key":"db_password","value":"x"}]}"#, #"{"vars":[{"key":"db_password","value":"***"}]}"#),
        (
            #"{"sidecars":[{"env":[{"name":"A","value":"x"}]}]}"#,
            #"{"sidecars":[{"env":[{"name":"A","value":"***"}]}]}"#
        ),
        (#"{"env":{"A":"x"}}"#, #"{"env":{"A":"***"}}"#),
        (#"{"upload_url":"https://h?sig=x"}"#, #"{"upload_url":"***"}"#),
        (#"{"m":"see https:\/\/u:p@h\/x and https://t@h"}"#, #"{"m":"see https://***@h/x and https://***@h"}"#),
        (#"["postgres://u:p@ss@h:5432/db"]"#, #"["postgres://***@h:5432/db"]"#),
    ])
    func `what looks like a secret is hidden wherever it stands`(text: String, expected: String) throws {
        #expect(try redacted(text) == expected)
    }

    @Test func `what was hidden can be hidden in other texts too`() throws {
        var redaction = JSONRedaction()
        let text = #"{"secrets":[{"name":"A","value":"x\ny"}],"url":"https://t0k@h","n":{"password":5}}"#
        _ = redaction.redact(try RawJSON(parsing: Data(text.utf8)))
        #expect(redaction.hidden.map { $0.reveal() } == ["x\ny", "t0k", "5"])
    }

    @Test(arguments: [
        ("clientSecret", ["client", "secret"]), ("APIKey", ["api", "key"]), ("X-Api-Key", ["x", "api", "key"]),
        ("OPENAI_API_KEY", ["openai", "api", "key"]), ("__a..b", ["a", "b"]), ("", []), ("k8sToken", ["k8s", "token"]),
    ])
    func `a key is read word by word`(key: String, words: [String]) {
        #expect(SecretKey.words(of: key) == words)
    }

    @Test func `a long text without a login costs one pass`() {
        let text = String(repeating: "a", count: 20_000) + "@"
        #expect(URLCredentials.ranges(in: Array(text.utf8)).isEmpty)
    }
}
