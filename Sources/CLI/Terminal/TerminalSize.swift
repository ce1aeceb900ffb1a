/// Columns and rows of a terminal; asked at each drawing, because people resize it.
struct TerminalSize: Sendable, Equatable {
    var columns: Int
    var rows: Int

    static let usual = TerminalSize(columns: 80, rows: 24)
}
