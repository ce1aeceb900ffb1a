import Clocks
import Reports

/// Something that goes on for a while: a try of a step, or a revision's stay in a status.
struct Activity: Sendable {
    enum Subject: Hashable, Sendable {
        case step(StepAddress)
        case revision(String)
    }

    var subject: Subject
    /// The job it belongs to; nil where that is not known.
    var job: String?
    /// Without the job: whether there are several is known later only.
    var label: String
    /// What a reminder says.
    var reminder: String
    var since: MonotonicInstant
    /// From where a reminder counts; earlier than `since` when the subject went through other states before.
    var begin: MonotonicInstant
    /// How long such a thing took before.
    var past: [Duration] = []
    /// Somebody is asked something meanwhile, whose answer stands in the last line.
    var asks = false

    var step: StepAddress? {
        if case .step(let address) = subject { address } else { nil }
    }

    /// `jobLabel` tells its job apart; empty where that is the only one.
    func liveText(_ jobLabel: String, now: MonotonicInstant) -> LiveLine {
        LiveLine(label: label.labelled(jobLabel), elapsed: since.duration(to: now).brief, remaining: remaining(now))
    }

    func reminderText(_ jobLabel: String, now: MonotonicInstant) -> String {
        let facts = [begin.duration(to: now).brief, remaining(now)].compactMap(\.self)
        return "\(reminder.labelled(jobLabel)) (\(facts.joined(separator: ", ")))"
    }

    private func remaining(_ now: MonotonicInstant) -> String? {
        ExpectedRemaining.text(past: past, age: begin.duration(to: now))
    }
}

extension String {
    /// With the job before it that it is about, where there are several.
    func labelled(_ jobLabel: String) -> String { jobLabel.isEmpty ? self : "\(jobLabel): \(self)" }
}
