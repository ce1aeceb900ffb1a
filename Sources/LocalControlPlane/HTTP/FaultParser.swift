import Clocks

/// Reads the language of `--fault`.
struct FaultParser {
    /// What is wrong with a fault's text.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private static let keys = [
        "method", "path", "status", "detail", "retry-after", "lose", "phase", "deployment", "fail", "delay", "count",
        "after",
    ]

    private let text: String
    private var values: [String: String] = [:]

    private init(_ text: String) throws(Problem) {
        self.text = text
        var last: String?
        for piece in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let halves = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if halves.count == 2, let key = halves.first, Self.keys.contains(key) {
                guard values.updateValue(halves.last ?? "", forKey: key) == nil else {
                    throw Problem(description: "fault '\(text)' says '\(key)' twice")
                }
                last = key
            } else if let key = last, key == "detail" || key == "fail" {
                // A text may hold commas.
                values[key, default: ""] += "," + piece
            } else {
                throw Problem(
                    description: "fault '\(text)': '\(piece)' is not known"
                        + " (known: \(Self.keys.joined(separator: ", ")))")
            }
        }
    }

    static func parse(_ text: String) throws(Problem) -> Fault {
        let parser = try FaultParser(text)
        let target = try parser.target()
        let effect = try parser.effect(target)
        let delay = try parser.delay()
        if effect == .none, delay == .zero, parser.values["fail"] == nil {
            throw parser.problem("does nothing", "say status, lose, fail or delay")
        }
        return Fault(
            text: text, target: target, effect: effect, delay: delay,
            count: try parser.number("count", in: 1...1_000_000),
            after: try parser.number("after", in: 0...1_000_000) ?? 0)
    }

    private func target() throws(Problem) -> Fault.Target {
        guard let name = values["phase"] else {
            for key in ["deployment", "fail"] where values[key] != nil {
                throw problem("has '\(key)' without 'phase'", "add phase=build or phase=deploy")
            }
            return .request(method: values["method"]?.uppercased(), path: values["path"])
        }
        guard let phase = Fault.Phase(rawValue: name) else {
            throw problem("has the phase '\(name)'", "phases are build and deploy")
        }
        for key in ["method", "path", "status", "detail", "retry-after", "lose"] where values[key] != nil {
            throw problem("has both 'phase' and '\(key)'", "a fault strikes requests or phases, not both")
        }
        return .phase(phase, deployment: values["deployment"], failure: values["fail"])
    }

    private func effect(_ target: Fault.Target) throws(Problem) -> Fault.Effect {
        guard case .request = target else { return .none }
        let status = try number("status", in: 400...599)
        if values["detail"] != nil || values["retry-after"] != nil, status == nil {
            throw problem("has 'detail' or 'retry-after' without 'status'", "add the status, like status=503")
        }
        switch (values["lose"], status) {
        case (nil, let status?):
            return .refuse(
                status: status, detail: values["detail"], retryAfter: try number("retry-after", in: 0...86_400))
        case (nil, nil): return .none
        case ("answer", nil): return .loseAnswer
        case ("request", nil): return .loseRequest
        default: throw problem("loses '\(values["lose"] ?? "")'", "lose=answer or lose=request, without a status")
        }
    }

    private func delay() throws(Problem) -> Duration {
        guard let text = values["delay"] else { return .zero }
        guard let duration = Duration(text: text) else {
            throw problem("has the delay '\(text)'", "durations are like 500ms, 90s or 2m")
        }
        return duration
    }

    private func number(_ key: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = values[key] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw problem(
                "has \(key)=\(text)", "\(key) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func problem(_ what: String, _ hint: String) -> Problem {
        Problem(description: "fault '\(text)' \(what): \(hint)")
    }
}
