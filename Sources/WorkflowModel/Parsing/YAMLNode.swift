/// A value in a YAML file with its position; scalars are text until they are read as a type.
package struct YAMLNode: Sendable, Equatable {
    /// Counts from 1, columns in Unicode scalars.
    package struct Mark: Sendable, Hashable {
        package var line: Int
        package var column: Int
    }

    package enum Style: Sendable {
        case plain, quoted, block
    }

    package struct Entry: Sendable, Equatable {
        package var key: String
        package var keyMark: Mark
        package var value: YAMLNode
    }

    package enum Content: Sendable, Equatable {
        case scalar(String, Style)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package var content: Content
    package var mark: Mark
}

extension YAMLNode {
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    package var elements: [YAMLNode]? {
        if case .sequence(let nodes) = content { nodes } else { nil }
    }

    package var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// Whether the value is missing.
    package var isEmpty: Bool { content == .scalar("", .plain) }

    package subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key == key }?.value
    }

    /// For messages.
    package var kindName: String {
        switch content {
        case .scalar: isEmpty ? "nothing" : "text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension Value {
    /// What YAML 1.2's core schema reads an unquoted scalar as. JSON has no infinity and no NaN: they stay texts.
    init(coreText text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = true
        case "false", "False", "FALSE": self = false
        default:
            let number = Self.wholeNumber(text, "0o", radix: 8) ?? Self.wholeNumber(text, "0x", radix: 16)
            guard let number = number ?? Double(coreText: text) else {
                self = .string(text)
                return
            }
            let whole = number.mayBeRounded ? Value(digits: text) : nil
            self = whole ?? .number(number)
        }
    }

    private static func wholeNumber(_ text: String, _ prefix: String, radix: Int) -> Double? {
        guard text.hasPrefix(prefix), text.dropFirst(prefix.count).allSatisfy(\.isHexDigit) else { return nil }
        return UInt64(text.dropFirst(prefix.count), radix: radix).map { Double($0) }
    }
}

/// Booleans and numbers of YAML 1.2's core schema, read only where one is declared.
extension YAMLNode {
    package var coreBoolean: Bool? {
        guard case .scalar(let text, .plain) = content else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    package var coreNumber: Double? {
        guard case .scalar(let text, .plain) = content else { return nil }
        return Double(coreText: text)
    }
}

extension Double {
    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`; nil for anything else and for numbers out
    /// of range.
    package init?(coreText text: String) {
        var rest = text.utf8[...]
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        func dropDigits() -> Int {
            let digits = rest.prefix(while: isDigit)
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        func drop(_ bytes: String) -> Bool {
            guard let first = rest.first, bytes.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = drop("+-")
        let whole = dropDigits()
        let fraction = drop(".") ? dropDigits() : 0
        guard whole + fraction > 0 else { return nil }
        if drop("eE") {
            _ = drop("+-")
            guard dropDigits() > 0 else { return nil }
        }
        guard rest.isEmpty, let number = Double(text.hasSuffix(".") ? text + "0" : text), number.isFinite else {
            return nil
        }
        self = number
    }
}
