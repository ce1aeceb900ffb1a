/// What a terminal of endless width shows after it got some text: knows line breaks, carriage returns, the erasing of a
/// line and one line up; colours are left out.
struct TerminalEmulator {
    private(set) var lines: [String] = [""]
    private var row = 0

    init(showing text: String) {
        var rest = Substring(text)
        while let character = rest.first {
            if rest.hasPrefix("\u{1B}[") {
                let sequence = rest.prefix { !$0.isLetter }
                rest = rest.dropFirst(sequence.count)
                control(sequence, rest.popFirst() ?? " ")
            } else {
                rest.removeFirst()
                show(character)
            }
        }
    }

    private mutating func control(_ sequence: Substring, _ final: Character) {
        if final == "K", sequence.hasSuffix("2") { lines[row] = "" }
        if final == "A" { row = max(0, row - 1) }
    }

    private mutating func show(_ character: Character) {
        switch character {
        case "\n":
            row += 1
            if row == lines.count { lines.append("") }
        case "\r": return
        default: lines[row].append(character)
        }
    }
}
