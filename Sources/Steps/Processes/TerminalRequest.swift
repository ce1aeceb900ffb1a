/// Recognizes that a program failed because it wanted to ask somebody: a step has no terminal, and its input is empty.
enum TerminalRequest {
    /// What shells, ssh, git, sudo, Python and Node print when there is no terminal.
    private static let signs = [
        "/dev/tty", "terminal is required", "not a tty", "no tty present", "could not read Username",
        "could not read Password", "terminal prompts disabled", "EOF when reading a line",
        "Inappropriate ioctl for device",
    ]

    /// Nil when the last lines do not show it.
    static func hint(in lines: [String]) -> String? {
        guard lines.contains(where: { line in signs.contains { line.contains($0) } }) else { return nil }
        return "a step has no terminal and no input: pass what the program asks for as an argument, variable or file"
    }
}
