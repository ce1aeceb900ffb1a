import Clocks
import Engine
import FoundationEssentials

/// Inputs of declared types; each throws `StepFailure` naming the input and its value.
extension StepInputs {
    func count(_ name: String, in range: ClosedRange<Int>) throws -> Int {
        let text = string(name) ?? ""
        guard let number = Int(text), range.contains(number) else {
            throw invalid(name, text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func duration(_ name: String) throws -> Duration {
        let text = string(name) ?? ""
        guard let duration = Duration(text: text) else {
            throw invalid(name, text, "a duration: \(Duration.spellings)")
        }
        return duration
    }

    /// An absolute http or https URL.
    func url(_ name: String) throws -> WebAddress {
        let text = string(name) ?? ""
        guard let address = WebAddress(text) else {
            // The text is not shown: it may hold a password or a token.
            throw StepFailure(
                .invalidWorkflow, code: "InvalidStepInputs", "'\(name)' is no http or https URL",
                hint: "give an absolute URL such as https://agent.example/ok")
        }
        return address
    }

    func pointer(_ name: String) throws -> JSONPointer? {
        guard let text = string(name) else { return nil }
        guard let pointer = JSONPointer(text) else {
            throw invalid(name, text, "a JSON pointer such as /host/revision")
        }
        return pointer
    }

    func invalid(_ name: String, _ text: String, _ wanted: String) -> StepFailure {
        StepFailure(
            .invalidWorkflow, code: "InvalidStepInputs", "'\(name)' is '\(text.prefix(80))'",
            hint: "it has to be \(wanted)")
    }
}
