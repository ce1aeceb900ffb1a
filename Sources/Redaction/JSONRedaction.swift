package import JSON

/// Replaces the values of secrets in JSON by `***`, wherever they stand; names and references of secrets stay.
///
/// What the API documents as a secret is always hidden, and whatever looks like one: a place that is not known is
/// rather hidden than shown.
package struct JSONRedaction: Sendable {
    /// What was hidden so far.
    package private(set) var hidden: [SecretValue] = []
    private var kinds: [ArraySlice<UInt8>: SecretKey] = [:]

    package init() {}

    /// Where a value stands.
    private enum Place {
        case ordinary
        /// Below `secrets`: everything in it is a secret.
        case secret
        /// One object of a list of secrets, of which names and ids may be seen.
        case entry
        /// One `{name, value}` of a list of environment variables.
        case variable
    }

    package mutating func redact(_ value: RawJSON) -> RawJSON {
        redact(value, in: .ordinary)
    }

    private mutating func redact(_ value: RawJSON, in place: Place) -> RawJSON {
        switch (value, place) {
        case (.object(let members), _):
            .object(redact(members, of: value, in: place))
        case (.array(let elements), _):
            .array(elements.map { redact($0, in: place) })
        case (.string, .secret), (.string, .entry), (.literal, .secret), (.literal, .entry):
            hide(value)
        case (.string(let token), .ordinary), (.string(let token), .variable):
            withoutUserInfo(value, token)
        case (.literal, .ordinary), (.literal, .variable):
            value
        }
    }

    private mutating func redact(
        _ members: [RawJSON.Member], of object: RawJSON, in place: Place
    ) -> [RawJSON.Member] {
        let isSecretPair = place == .variable || Self.namesASecret(object)
        return members.map { member in
            var member = member
            switch place {
            case .secret:
                member.value = redact(member.value, in: .secret)
            case .entry:
                if !Self.isHarmless(member) { member.value = redact(member.value, in: .secret) }
            case .ordinary, .variable:
                member.value =
                    isSecretPair && member.isNamed("value")
                    ? redact(member.value, in: .secret) : redact(member.value, under: kind(of: member))
            }
            return member
        }
    }

    private mutating func redact(_ value: RawJSON, under kind: SecretKey) -> RawJSON {
        switch (kind, value) {
        case (.reference, _):
            value
        case (.collection, .array(let elements)):
            .array(elements.map { redact($0, in: .entry) })
        case (.collection, _):
            redact(value, in: .secret)
        case (.environment, .array(let elements)):
            .array(elements.map { redact($0, in: .variable) })
        case (.environment, .object):
            redact(value, in: .secret)
        case (.value, .string), (.value, .literal), (.value, .array):
            redact(value, in: .secret)
        case (.plural, .array(let elements)):
            .array(elements.map { redact($0, in: $0.text == nil ? .ordinary : .secret) })
        case (.value, .object):
            // `{"value": …}`, and for a volume the name of the secret that it mounts.
            redact(value, in: .variable)
        default:
            redact(value, in: .ordinary)
        }
    }

    private mutating func hide(_ value: RawJSON) -> RawJSON {
        if let text = value.text {
            hidden.append(SecretValue(text))
        } else if value.isNull || value == .bool(true) || value == .bool(false) {
            return value
        } else if case .literal(let token) = value {
            hidden.append(SecretValue(String(decoding: token, as: UTF8.self)))
        }
        return .text(Redactor.replacement)
    }

    /// A login or a token in a URL is a secret wherever the URL stands.
    private mutating func withoutUserInfo(_ value: RawJSON, _ token: ArraySlice<UInt8>) -> RawJSON {
        guard token.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "=") }),
            let text = value.text.map({ Array($0.utf8) })
        else { return value }
        let ranges = URLCredentials.ranges(in: text)
        guard !ranges.isEmpty else { return value }
        hidden += ranges.map { SecretValue(String(decoding: text[$0], as: UTF8.self)) }
        return .text(String(decoding: Redactor.replacing(ranges, in: text), as: UTF8.self))
    }

    private mutating func kind(of member: RawJSON.Member) -> SecretKey {
        if let known = kinds[member.token] { return known }
        let kind = SecretKey(member.key)
        kinds[member.token] = kind
        return kind
    }

    /// `{"name": "OPENAI_API_KEY", "value": …}`, and the like of it with `key`.
    private static func namesASecret(_ object: RawJSON) -> Bool {
        guard object["value"] != nil, let name = (object["name"] ?? object["key"])?.text else { return false }
        return switch SecretKey(name) {
        case .value, .plural, .collection: true
        case .ordinary, .environment, .reference: false
        }
    }

    /// What a secret may be known by: its name, ids and times.
    private static func isHarmless(_ member: RawJSON.Member) -> Bool {
        let key = member.key
        return key == "name" || key == "id" || key.hasSuffix("_id") || key.hasSuffix("_at") || key.hasSuffix("_by")
    }
}

extension RawJSON {
    /// Without the values of secrets.
    package var redacted: RawJSON {
        var redaction = JSONRedaction()
        let safe = redaction.redact(self)
        return safe.redacted(by: Redactor(secrets: redaction.hidden.map { $0.reveal() }))
    }

    /// A value that is secret in one place is secret wherever it is repeated.
    private func redacted(by redactor: Redactor) -> RawJSON {
        switch self {
        case .object(let members):
            return .object(
                members.map { member in
                    var member = member
                    member.value = member.value.redacted(by: redactor)
                    return member
                })
        case .array(let elements): return .array(elements.map { $0.redacted(by: redactor) })
        case .string:
            guard let text, case let safe = redactor.redact(text), safe != text else { return self }
            return .text(safe)
        case .literal: return self
        }
    }
}

extension JSONRedaction {
    /// Hides what follows `"value":` in text that need not be whole JSON, to the closing quote or the end: an answer
    /// that was cut off still names secrets.
    package static func hidingValues(inFragment text: String) -> String {
        // By scalars: a combining mark behind a quote would make another character of it.
        let field = #/("value"\s*:\s*")(?:[^"\\]|\\.)*("|$|\\$)/#.matchingSemantics(.unicodeScalar)
        return text.replacing(field) { "\($0.output.1)***\($0.output.2)" }
    }
}
