import ControlPlaneTypes
import Testing

@testable import Steps

@Suite struct PollScheduleTests {
    private let unknown = PollSchedule()
    private let fiveMinutes = PollSchedule(history: DurationHistory([300, 310, 290, 305, 295].map { .seconds($0) }))

    struct Case: Sendable {
        let status: RevisionStatus
        let age: Double
        var inPhase = 0.0
        let wait: ClosedRange<Double>
    }

    @Test(
        "without past durations",
        arguments: [
            Case(status: .creating, age: 0, wait: 0.25...0.25),
            Case(status: .queued, age: 0.5, wait: 0.5...0.5),
            Case(status: .queued, age: 4, wait: 4...4),
            Case(status: .building, age: 200, wait: 12...12),
            Case(status: .building, age: 5000, wait: 12...12),
            Case(status: .awaitingDeploy, age: 0.1, wait: 0.25...0.25),
            Case(status: .awaitingDeploy, age: 215, wait: 5...10),
            Case(status: .deploying, age: 275, inPhase: 60, wait: 1...2.5),
            Case(status: .deploying, age: 5000, inPhase: 4785, wait: 2...10),
            Case(status: .interrupted, age: 300, wait: 1...5),
            Case(status: .unknown, age: 300, wait: 1...5),
            Case(status: RevisionStatus(rawValue: "PAUSED"), age: 300, wait: 1...5),
        ])
    func unknownDurations(_ example: Case) {
        #expect(example.wait.contains(wait(unknown, example)), "\(example)")
    }

    @Test(
        "with past durations of 5 minutes",
        arguments: [
            Case(status: .creating, age: 0, wait: 1...1),
            Case(status: .building, age: 1, wait: 3...3),
            Case(status: .building, age: 200, wait: 15...15),
            Case(status: .awaitingDeploy, age: 215, wait: 10...10),
            Case(status: .deploying, age: 260, inPhase: 45, wait: 3...10),
            Case(status: .deploying, age: 300, inPhase: 85, wait: 0.25...1.5),
            Case(status: .deploying, age: 500, inPhase: 285, wait: 1...4),
            Case(status: .interrupted, age: 100, wait: 5...5),
        ])
    func knownDurations(_ example: Case) {
        #expect(example.wait.contains(wait(fiveMinutes, example)), "\(example)")
    }

    @Test func `past durations that cannot be are left out`() throws {
        let odd = try PollSchedule(fixed: nil, pastSeconds: [1e300, -1e300, .infinity, .nan, 300])
        let once = PollSchedule(history: DurationHistory([.seconds(300)]))
        let due = Case(status: .deploying, age: 300, inPhase: 85, wait: 0...0)
        #expect(wait(odd, due) == wait(once, due))
    }

    @Test func `one past duration is enough to wait longer before it and shorter at it`() {
        let once = PollSchedule(history: DurationHistory([.seconds(300)]))
        let early = Case(status: .deploying, age: 235, inPhase: 20, wait: 0...0)
        let due = Case(status: .deploying, age: 300, inPhase: 85, wait: 0...0)
        #expect(wait(once, early) > wait(unknown, early))
        #expect(wait(once, due) < wait(unknown, due))
    }

    @Test func `short rollouts are watched closely while they build`() {
        let image = PollSchedule(history: DurationHistory([.seconds(24), .seconds(24)]))
        #expect(wait(image, Case(status: .building, age: 10, wait: 0...0)) <= 3.01)
    }

    @Test(
        "every wait is between its bounds, whatever the status, age and history",
        arguments: RevisionStatus.known + [RevisionStatus(rawValue: "PAUSED")])
    func bounds(status: RevisionStatus) {
        let histories: [[Double]] = [[], [1], [20], [300], [7200], [1, 7200], [60, 61, 62, 3000]]
        let ages = [-5, 0, 0.001, 1, 7, 60, 299, 300, 301, 1e4, 1e6, 1e12]
        for history in histories {
            let schedule = PollSchedule(history: DurationHistory(history.map { .seconds($0) }))
            for age in ages {
                for inPhase in [-1, 0, age / 2, age, 2 * age] {
                    let wait = wait(schedule, Case(status: status, age: age, inPhase: inPhase, wait: 0...0))
                    #expect((0.25...15).contains(wait), "\(history) \(age) \(inPhase)")
                }
            }
        }
    }

    @Test func `waits in a build never shrink as it ages`() {
        for schedule in [unknown, fiveMinutes] {
            let waits = stride(from: 0.0, through: 2000, by: 0.5).map {
                wait(schedule, Case(status: .building, age: $0, inPhase: $0, wait: 0...0))
            }
            #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 })
        }
    }

    @Test func `waits shrink as the end comes nearer`() {
        let waits = stride(from: 215.0, through: 290, by: 5).map {
            wait(fiveMinutes, Case(status: .deploying, age: $0, inPhase: $0 - 215, wait: 0...0))
        }
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test func `a rollout far longer than ever is polled as if nothing were known`() {
        let example = Case(status: .deploying, age: 2000, inPhase: 100, wait: 0...0)
        #expect(abs(wait(fiveMinutes, example) / wait(unknown, example) - 1) < 0.1)
    }

    @Test(arguments: [(Duration.seconds(7), Duration.seconds(7)), (.zero, .milliseconds(100))])
    func `a fixed interval is used for every status, but never none`(interval: Duration, expected: Duration) {
        let fixed = PollSchedule(fixed: interval)
        for status in RevisionStatus.known {
            #expect(fixed.wait(after: status, age: .seconds(100), timeInPhase: .zero) == expected)
        }
    }

    private func wait(_ schedule: PollSchedule, _ example: Case) -> Double {
        schedule.wait(
            after: example.status, age: .seconds(example.age), timeInPhase: .seconds(example.inPhase)
        ) / .seconds(1)
    }
}
