/// The rules for names in a workflow file.
package enum NameRules {
    static let identifierPattern = "^[A-Za-z_][A-Za-z0-9_-]*$"
    static let variablePattern = "^[A-Za-z_][A-Za-z0-9_]*$"

    /// For jobs, steps, inputs, outputs and matrix axes.
    package static func isIdentifier(_ name: String) -> Bool {
        startsWithLetter(name) && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// For environment variables.
    package static func isVariable(_ name: String) -> Bool {
        startsWithLetter(name) && name.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    private static func startsWithLetter(_ name: String) -> Bool {
        name.utf8.first.map(isLetter) ?? false && name.utf8.count <= 100
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
