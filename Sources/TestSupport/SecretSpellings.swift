import FoundationEssentials

/// Ways in which programs write a secret, for tests of what hides it.
package enum SecretSpellings {
    /// Has a character of every kind.
    package static let secret = #"s3cr&t/"välue"🔑\x %2B"#

    package static let all: [(name: String, text: String)] = [
        ("plain", secret),
        ("JSON", #"{"k":"s3cr&t/\"välue\"🔑\\x %2B"}"#),
        ("JSON with \\/", #"{"k":"s3cr&t\/\"välue\"🔑\\x %2B"}"#),
        ("JSON in ASCII", #"{"k":"s3cr&t/\"v\u00e4lue\"\ud83d\udd11\\x %2B"}"#),
        ("JSON in ASCII, upper case", #"{"k":"s3cr&t/\"v\u00E4lue\"\uD83D\uDD11\\x %2B"}"#),
        ("JSON for HTML", #"{"k":"s3cr\u0026t/\"välue\"🔑\\x %2B"}"#),
        ("JSON in JSON", #"{"k":"{\"k\":\"s3cr&t/\\\"välue\\\"🔑\\\\x %2B\"}"}"#),
        ("percent", "s3cr%26t%2F%22v%C3%A4lue%22%F0%9F%94%91%5Cx%20%252B"),
        (
            "percent, lower case",
            "s3cr%26t%2f%22v%c3%a4lue%22%f0%9f%94%91%5cx%20%252b".replacing("%252b", with: "%252B")
        ),
        ("percent with /", "s3cr%26t/%22v%C3%A4lue%22%F0%9F%94%91%5Cx%20%252B"),
        ("HTML form", "s3cr%26t%2F%22v%C3%A4lue%22%F0%9F%94%91%5Cx+%252B"),
        ("percent-encoded JSON", "%22s3cr%26t%2F%5C%22v%C3%A4lue%5C%22%F0%9F%94%91%5C%5Cx%20%252B%22"),
        ("base64", base64(secret)),
        ("base64 for URLs", base64(secret).replacing("+", with: "-").replacing("/", with: "_")),
        ("base64 in JSON", #"{"k":""# + base64(secret).replacing("/", with: #"\/"#) + #""}"#),
        ("Basic header", "Authorization: Basic " + base64("u:" + secret)),
        ("Basic header of a longer name", "Authorization: Basic " + base64("us:" + secret + "!")),
        ("base64, 16 columns", wrapped(base64("prefix " + secret), separator: "\n")),
        ("base64, 16 columns, CRLF", wrapped(base64(secret), separator: "\r\n")),
        ("base64, indented", wrapped(base64(secret), separator: "\n    ")),
        ("base64 lines in JSON", wrapped(base64(secret), separator: #"\n"#)),
        ("decomposed", secret.replacing("ä", with: "a\u{308}")),
        ("with colours", "s3c\u{1B}[31mr&t/\"välue\"🔑\\x \u{1B}[0m%2B"),
        ("with a hyperlink", "s3cr&t/\"vä\u{1B}]8;;https://example.com\u{7}lue\"🔑\\x %2B"),
        ("with invisible characters", "s3cr\u{200B}&t/\"vä\u{7}lue\"\u{2060}🔑\\x %2B"),
    ]

    package static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    package static func wrapped(_ text: String, separator: String) -> String {
        let characters = Array(text)
        return stride(from: 0, to: characters.count, by: 16)
            .map { String(characters[$0..<min($0 + 16, characters.count)]) }.joined(separator: separator)
    }

    /// What `output` shows of a spelling: its words of four letters and more, but for those that are not the secret's.
    package static func visibleParts(of text: String, in output: String) -> [String] {
        let harmless = ["Authorization", "Basic", "https", "example"]
        return text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
            .filter { $0.count >= 4 && !harmless.contains($0) && output.contains($0) }
    }
}
