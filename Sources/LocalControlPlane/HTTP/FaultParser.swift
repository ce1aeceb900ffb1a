import Clocks

/// Parses the text of `--fault`.
struct FaultParser {
    /// Explains why a fault's text is invalid.
    struct InvalidFault: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private static let keys = [
        "method", "path", "status", "detail", "retry-after", "lose", "phase", "deployment", "fail", "delay", "count",
        "after",
    ]

    private let text: String
    private var values: [String: String] = [:]

    private init(_ text: String) throws(InvalidFault) {
        self.text = text
        var last: String?
        for piece in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let halves = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if halves.count == 2, let key = halves.first, Self.keys.contains(key) {
                guard values.updateValue(halves.last ?? "", forKey: key) == nil else {
                    throw Self.invalid(text, "duplicate key '\(key)'")
                }
                last = key
            } else if let key = last, key == "detail" || key == "fail" {
                // The value may contain commas.
                values[key, default: ""] += "," + piece
            } else {
                throw Self.invalid(text, "unknown key '\(piece)'", "known keys: \(Self.keys.joined(separator: ", "))")
            }
        }
    }

    static func parse(_ text: String) throws(InvalidFault) -> Fault {
        let parser = try FaultParser(text)
        let target = try parser.target()
        let effect = try parser.effect(target)
        let delay = try parser.delay()
        if effect == .none, delay == .zero, parser.values["fail"] == nil {
            throw parser.invalid("has no effect", "add status, lose, fail or delay")
        }
        return Fault(
            text: text, target: target, effect: effect, delay: delay,
            count: try parser.number("count", in: 1...1_000_000),
            after: try parser.number("after", in: 0...1_000_000) ?? 0)
    }

    private func target() throws(InvalidFault) -> Fault.Target {
        guard let name = values["phase"] else {
            for key in ["deployment", "fail"] where values[key] != nil {
                throw invalid("'\(key)' requires 'phase'", "add phase=build or phase=deploy")
            }
            return .request(method: values["method"]?.uppercased(), path: values["path"])
        }
        guard let phase = Fault.Phase(rawValue: name) else {
            throw invalid("unknown phase '\(name)'", "use build or deploy")
        }
        for key in ["method", "path", "status", "detail", "retry-after", "lose"] where values[key] != nil {
            throw invalid("'phase' excludes '\(key)'", "write one fault for requests and one for phases")
        }
        return .phase(phase, deployment: values["deployment"], failure: values["fail"])
    }

    private func effect(_ target: Fault.Target) throws(InvalidFault) -> Fault.Effect {
        guard case .request = target else { return .none }
        let status = try number("status", in: 400...599)
        if values["detail"] != nil || values["retry-after"] != nil, status == nil {
            throw invalid("'detail' and 'retry-after' require 'status'", "add a status, such as status=503")
        }
        switch (values["lose"], status) {
        case (nil, let status?):
            return .respond(
                status: status, detail: values["detail"], retryAfter: try number("retry-after", in: 0...86_400))
        case (nil, nil): return .none
        case ("answer", nil): return .loseResponse
        case ("request", nil): return .loseRequest
        default:
            throw invalid(
                "invalid 'lose': '\(values["lose"] ?? "")'", "use lose=answer or lose=request, without a status")
        }
    }

    private func delay() throws(InvalidFault) -> Duration {
        guard let text = values["delay"] else { return .zero }
        guard let duration = Duration(text: text) else {
            throw invalid("invalid duration '\(text)'", "use a duration such as 500ms, 90s or 2m")
        }
        return duration
    }

    private func number(_ key: String, in range: ClosedRange<Int>) throws(InvalidFault) -> Int? {
        guard let text = values[key] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw invalid(
                "invalid \(key) '\(text)'", "use a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func invalid(_ reason: String, _ hint: String) -> InvalidFault {
        Self.invalid(text, reason, hint)
    }

    private static func invalid(_ text: String, _ reason: String, _ hint: String? = nil) -> InvalidFault {
        InvalidFault(description: "invalid fault '\(text)': \(reason)" + (hint.map { "\nhint: \($0)" } ?? ""))
    }
}
