/// One finished line about a run's progress.
struct ProgressLine: Sendable, Equatable {
    enum Kind: Sendable {
        case started, ok, failed, skipped, info, warning, log
    }

    var kind: Kind
    var text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    func rendered(in style: Style) -> String {
        switch kind {
        case .started, .info: text
        case .ok: style.paint(style.okSign, .green) + " " + text
        case .failed: style.paint(style.failSign, .red) + " " + text
        case .skipped: style.paint("\(style.skipSign) \(text)", .dim)
        case .warning: style.paint("warning:", .yellow) + " " + text
        case .log: style.paint("| \(text)", .dim)
        }
    }
}
