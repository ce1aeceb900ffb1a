import FoundationEssentials
import Git

/// How a CI system folds lines. What stands between the two texts is taken for no command, whatever it says.
struct LogGroup: Sendable, Equatable {
    let provider: CIProvider
    /// Different every time and not to be guessed: GitHub takes no command until it reads it again.
    let token: String
    /// What GitLab tells sections apart by.
    private var name: String { "slipway_" + token.filter { $0.isASCII && ($0.isLetter || $0.isNumber) } }

    /// `title` is clean already.
    func opening(_ title: String, at date: Date) -> String {
        switch provider {
        case .github: "::group::\(title)\n::stop-commands::\(token)\n"
        case .gitlab:
            "\(Self.erase)section_start:\(Self.unixTime(date)):\(name)[collapsed=true]\r\(Self.erase)\(title)\n"
        }
    }

    func closing(at date: Date) -> String {
        switch provider {
        case .github: "::\(token)::\n::endgroup::\n"
        case .gitlab: "\(Self.erase)section_end:\(Self.unixTime(date)):\(name)\r\(Self.erase)\n"
        }
    }

    /// As GitLab's own runner writes it: `\e[K` would not do.
    private static let erase = "\u{1B}[0K"

    private static func unixTime(_ date: Date) -> Int { Int(date.timeIntervalSince1970) }
}
