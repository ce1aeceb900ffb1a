import Foundation

/// The line of an agent's or a command's last ones that says best why it ended.
enum AgentComplaint {
    /// What LangGraph's server, uv and Python write when something cannot be had or loaded, best first.
    private static let signs = ["failed to load", " cause: ", "Error: ", "Error:", "ERROR: ", "error:"]

    /// Nil when no line says so.
    static func find(in lines: [String]) -> String? {
        for sign in signs {
            guard let line = lines.last(where: { $0.contains(sign) }) else { continue }
            return shortened(AgentLine(Data(line.utf8)).message)
        }
        return nil
    }

    private static func shortened(_ line: String) -> String {
        let first = line.split(whereSeparator: \.isNewline).first.map(String.init) ?? line
        return String(first.drop { $0.isWhitespace }.prefix(500))
    }
}
