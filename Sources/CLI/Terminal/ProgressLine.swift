/// One finished line about a run's progress.
struct ProgressLine: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case started, ok, failed, skipped, info, warning
        /// For those who look for a fault in slipway.
        case debug
        /// Somebody else's line.
        case log(LogSource)
    }

    var kind: Kind
    var text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    var source: LogSource? {
        if case .log(let source) = kind { source } else { nil }
    }

    func rendered(in style: Style) -> String {
        switch kind {
        case .started, .info: text
        case .ok: style.paint(style.okSign, .green) + " " + text
        case .failed: style.paint(style.failSign, .red) + " " + text
        case .skipped: style.paint("\(style.skipSign) \(text)", .dim)
        case .warning: style.paint("warning:", .yellow) + " " + text
        case .debug: style.paint("| \(text)", .dim)
        case .log(let source): style.paint(source.label.isEmpty ? "|" : "\(source.label) |", .dim) + " " + text
        }
    }
}
