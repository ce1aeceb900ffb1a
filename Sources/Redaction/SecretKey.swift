/// What a key of an object says about the secrecy of what it holds.
enum SecretKey: Sendable {
    case ordinary
    /// A string or number under it is a secret: `api_key`, `clientSecret`, `token`.
    case value
    /// Strings in a list under it are secrets: `api_keys`.
    case plural
    /// A list or map of secrets: `secrets`.
    case collection
    /// A list or map of environment variables, any of which may be a secret.
    case environment
    /// Says where a secret lies, and not what it is: `secret_references`, `secretKeyRef`.
    case reference

    init(_ key: String) {
        var words = Self.words(of: key)[...]
        while let last = words.last, Self.suffixes.contains(last) { words = words.dropLast() }
        let last = words.last ?? ""
        let before = words.dropLast().last ?? ""
        self =
            if Self.isReference(last, before) {
                .reference
            } else if last == "secrets" || last == "credentials" {
                .collection
            } else if last == "env" || last == "environment" || (before == "env" && last == "vars")
                || (before == "environment" && last == "variables")
            {
                .environment
            } else if Self.isValue(last, before) {
                .value
            } else if last.hasSuffix("s"), Self.isValue(String(last.dropLast()), before) {
                .plural
            } else {
                .ordinary
            }
    }

    private static func isReference(_ last: String, _ before: String) -> Bool {
        switch last {
        case "ref", "reference", "references", "refs": true
        case "secrets": before == "pull"
        case "from": before == "value" || before == "env"
        default: false
        }
    }

    private static func isValue(_ last: String, _ before: String) -> Bool {
        switch last {
        case "secret", "password", "passwd", "passphrase", "apikey", "credential", "authorization", "bearer", "jwt",
            "dsn", "cookie":
            true
        case "token": !["page", "next", "continuation", "sync"].contains(before)
        case "key": keyKinds.contains(before)
        case "url": ["upload", "signed", "presigned"].contains(before)
        case "string": before == "connection"
        default: false
        }
    }

    /// `publicKey`, `secret_key` and `API-Key` alike; runs of capitals are one word.
    static func words(of key: String) -> [String] {
        var words = [""]
        let letters = Array(key.unicodeScalars)
        for (index, letter) in letters.enumerated() {
            guard letter.properties.isAlphabetic || letter.properties.numericType != nil else {
                words.append("")
                continue
            }
            let before = index > 0 ? letters[index - 1] : letter
            let after = index + 1 < letters.count ? letters[index + 1] : letter
            if letter.properties.isUppercase,
                before.properties.isLowercase || (before.properties.isUppercase && after.properties.isLowercase)
            {
                words.append("")
            }
            words[words.count - 1] += letter.properties.lowercaseMapping
        }
        return words.filter { !$0.isEmpty }
    }

    private static let suffixes: Set = ["value", "plaintext", "raw", "base64", "b64", "hash"]

    private static let keyKinds: Set = [
        "api", "private", "secret", "access", "signing", "encryption", "license", "ssh", "auth", "service", "account",
        "storage", "shared", "master",
    ]
}
