/// JSON that means the same and cannot steer who shows it: controls that JSON allows in strings are written as escapes.
struct SafeJSONText: Sendable {
    /// Whether a CI system looks for commands in what is printed.
    let escapesCICommands: Bool

    func escape(_ json: String) -> String {
        guard needsEscapes(json) else { return json }
        var result = String.UnicodeScalarView()
        var rest = json.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            // GitHub reads `##[command]` anywhere in a line.
            let isCommand = escapesCICommands && scalar == "#" && rest.starts(with: "#[".unicodeScalars)
            if isCommand || Self.isControl(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += #"\u"#.unicodeScalars
                result += String(repeating: "0", count: max(4 - digits.count, 0)).unicodeScalars
                result += digits.unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    private func needsEscapes(_ json: String) -> Bool {
        (escapesCICommands && json.utf8.contains(UInt8(ascii: "#")))
            || json.unicodeScalars.contains(where: Self.isControl)
    }

    /// DEL, the C1 controls, and what changes the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
