/// Text inside one of GitHub's workflow commands, which ends with its line. Escaped scalar by scalar: "\r\n" is one
/// character, and so is a colon with a mark on it.
package enum GitHubCommandText {
    /// What stands behind the `::` that closes the command's name and properties.
    package static func data(_ text: String) -> String {
        escaped(text, besides: "")
    }

    /// The value of a property, such as a title.
    package static func property(_ text: String) -> String {
        escaped(text, besides: ":,")
    }

    private static func escaped(_ text: String, besides delimiters: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            if "%\r\n".unicodeScalars.contains(scalar) || delimiters.unicodeScalars.contains(scalar) {
                result += (scalar.value < 16 ? "%0" : "%") + String(scalar.value, radix: 16, uppercase: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
