/// How a stream is written: with or without colours, with Unicode signs or in ASCII.
struct Style: Sendable, Equatable {
    enum Color: String, Sendable {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case dim = "2"
        case bold = "1"
    }

    var usesColor: Bool
    var usesUnicode: Bool

    static let plain = Style(usesColor: false, usesUnicode: false)

    func paint(_ text: String, _ color: Color) -> String {
        usesColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    var okSign: String { usesUnicode ? "✓" : "ok" }
    var failSign: String { usesUnicode ? "✗" : "failed" }
    var skipSign: String { usesUnicode ? "–" : "skipped" }
    var ellipsis: String { usesUnicode ? "…" : "..." }
}

extension Style {
    /// - Parameters:
    ///   - isTerminal: whether the stream is a terminal.
    ///   - isCI: whether a CI system that renders colours shows the stream.
    init(choice: ColorChoice, environment: [String: String], isTerminal: Bool, isCI: Bool) {
        let environment = environment.filter { !$0.value.isEmpty }
        usesColor = Self.decidesOnColor(choice, environment, isTerminal: isTerminal, isCI: isCI)
        usesUnicode = Self.isUTF8(environment)
    }

    private static func decidesOnColor(
        _ choice: ColorChoice, _ environment: [String: String], isTerminal: Bool, isCI: Bool
    ) -> Bool {
        switch choice {
        case .always: return true
        case .never: return false
        case .auto: break
        }
        if environment["NO_COLOR"] != nil { return false }
        if isOn(environment["CLICOLOR_FORCE"]) || isOn(environment["FORCE_COLOR"]) { return true }
        if isCI { return true }
        return isTerminal && environment["TERM"] != "dumb" && environment["CLICOLOR"] != "0"
    }

    private static func isOn(_ value: String?) -> Bool {
        value.map { $0 != "0" && $0 != "false" } ?? false
    }

    /// POSIX: the first of these variables that is set decides.
    private static func isUTF8(_ environment: [String: String]) -> Bool {
        let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
        return locale.lowercased().replacing("-", with: "").contains("utf8")
    }
}

/// The value of `--color`.
enum ColorChoice: String, CaseIterable, Sendable {
    case auto, always, never
}
