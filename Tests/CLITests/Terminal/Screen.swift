/// What a terminal shows after it got some text: knows carriage returns, newlines and the erasing of a line.
struct Screen {
    private(set) var lines: [String] = [""]

    init(showing text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let last = line.split(separator: "\r\u{1B}[2K", omittingEmptySubsequences: false).last ?? ""
            lines[lines.count - 1] += last
            lines.append("")
        }
        lines.removeLast()
    }
}
