import Clocks
import Foundation

/// The value of a command, or why there is none, and when it was read.
struct Reading<Value: Sendable>: Sendable {
    var result: Result<Value, CommandProblem>
    var date: Date
    /// What is missing in the value.
    var warnings: [CommandProblem] = []
    /// Whether the control plane has not answered in time, so that it is older, or missing.
    var isLate = false

    var value: Value? { try? result.get() }

    var problem: CommandProblem? {
        if case .failure(let problem) = result { problem } else { nil }
    }
}

/// Everything that the pages show, read with the commands that a terminal has.
struct DashboardReader: Sendable {
    enum LogKind: String, Sendable, CaseIterable { case build, deploy }

    private static let lifetime = Duration.seconds(3)
    /// A list of all takes up to a dozen requests.
    private static let listLifetime = Duration.seconds(10)
    private static let listPatience = Duration.seconds(60)
    /// How long a page waits for an answer; a list that comes later is on the next one.
    private static let answerLimit = Duration.seconds(5)
    /// How long the request that starts a rollback waits for what it is decided on.
    static let decisionLimit = Duration.seconds(10)
    /// For what only adds to the list.
    private static let detailLimit = Duration.seconds(3)
    private static let logLines = 400
    private static let changes = 50

    private let runner: CommandRunner
    private let clock: any RunClock
    private let statuses: ReadCache<String, Reading<[DeploymentRow]>>
    private let details: ReadCache<String, Reading<[DeploymentRow]>>
    private let histories: ReadCache<String, Reading<HistoryDocument>>
    private let offers: ReadCache<String, Reading<RollbackOffer>>
    private let logs: ReadCache<[String], Reading<[String]>>

    init(runner: CommandRunner, clock: any RunClock) {
        self.runner = runner
        self.clock = clock
        statuses = ReadCache(clock: clock, lifetime: Self.listLifetime)
        details = ReadCache(clock: clock, lifetime: Self.lifetime)
        histories = ReadCache(clock: clock, lifetime: Self.lifetime)
        offers = ReadCache(clock: clock, lifetime: Self.lifetime)
        logs = ReadCache(clock: clock, lifetime: Self.lifetime)
    }

    func deployments() async -> Reading<[DeploymentRow]> {
        await answer(statuses, "", orOlder: Self.listPatience) {
            await decoded(["status", "--all", "--output", "json"])
        }
    }

    /// What the list says of one, with what only a closer look tells. Its problem is a name that no deployment has, too.
    func deployment(_ name: String) async -> Reading<DeploymentRow> {
        let all = await deployments()
        guard let rows = all.value else {
            return Reading(result: .failure(all.problem ?? .unknown), date: all.date, isLate: all.isLate)
        }
        guard let row = rows.first(where: { $0.name == name || $0.id == name }) else {
            return Reading(result: .failure(.missing(name)), date: all.date)
        }
        // Where not even the list is answered, nothing more is asked.
        guard !all.isLate else { return Reading(result: .success(row), date: all.date, warnings: all.warnings) }
        let detail = await answer(details, row.id, within: Self.detailLimit) {
            await decoded(["status", row.argument, "--output", "json"])
        }
        guard !detail.isLate else { return Reading(result: .success(row), date: all.date, warnings: [.late]) }
        return Reading(result: detail.result.map { $0.first.map(row.updated) ?? row }, date: detail.date)
    }

    func history(of deployment: DeploymentRow) async -> Reading<HistoryDocument> {
        await answer(histories, deployment.id) {
            await decoded(["history", deployment.argument, "--output", "json", "--limit", String(Self.changes)])
        }
    }

    func offer(
        for deployment: DeploymentRow, within limit: Duration = answerLimit
    ) async -> Reading<RollbackOffer> {
        await answer(offers, deployment.id, within: limit) {
            await decoded(["rollback", deployment.argument, "--candidates"])
        }
    }

    /// What the page of a rollback has shown last.
    func knownOffer(for deployment: DeploymentRow) async -> Reading<RollbackOffer>? {
        await offers.latest(deployment.id)
    }

    func log(_ kind: LogKind, of revision: String, _ deployment: DeploymentRow) async -> Reading<[String]> {
        await answer(logs, [deployment.id, revision, kind.rawValue]) {
            await reading { () async throws(CommandProblem) in
                try await runner.ask(
                    ["logs", deployment.argument, "--revision", revision, "--type", kind.rawValue]
                        + ["--lines", String(Self.logLines)])
            } as: { data in
                String(decoding: data, as: UTF8.self).split(
                    omittingEmptySubsequences: false, whereSeparator: \.isNewline
                ).map(String.init)
            }
        }
    }

    /// The HTML timeline of a run.
    func timeline(of run: String) async -> Reading<Data> {
        await reading { () async throws(CommandProblem) in
            try await runner.read(["report", run, "--html", "-"])
        } as: {
            $0
        }
    }

    /// What is known by the time that a page waits for, with what is missing.
    private func answer<Key, Value>(
        _ cache: ReadCache<Key, Reading<Value>>, _ key: Key, orOlder patience: Duration = .zero,
        within limit: Duration = answerLimit, _ read: @escaping @Sendable () async -> Reading<Value>
    ) async -> Reading<Value> {
        if let answer = await cache.value(key, orOlder: patience, within: limit, read) { return answer }
        guard var known = await cache.latest(key), known.value != nil else {
            return Reading(result: .failure(.late), date: clock.date, isLate: true)
        }
        known.warnings.append(.late)
        known.isLate = true
        return known
    }

    /// After a change, what was read before is outdated.
    func forget(_ deployment: DeploymentRow) async {
        await statuses.forget("")
        await details.forget(deployment.id)
        await histories.forget(deployment.id)
        await offers.forget(deployment.id)
    }

    private func decoded<Value: Decodable & Sendable>(_ command: [String]) async -> Reading<Value> {
        await reading { () async throws(CommandProblem) in
            try await runner.ask(command)
        } as: { (data: Data) throws(CommandProblem) in
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            do {
                return try decoder.decode(Value.self, from: data)
            } catch {
                throw CommandProblem(
                    "unexpected answer of slipway \(command.first ?? "")",
                    hint: "install slipway and slipway-control-plane of the same version")
            }
        }
    }

    private func reading<Value>(
        _ output: () async throws(CommandProblem) -> CommandRunner.Output,
        as value: (Data) throws(CommandProblem) -> Value
    ) async -> Reading<Value> {
        do throws(CommandProblem) {
            let output = try await output()
            return Reading(result: .success(try value(output.data)), date: clock.date, warnings: output.warnings)
        } catch {
            return Reading(result: .failure(error), date: clock.date)
        }
    }
}

extension Result {
    /// As the initializer of the standard library, for a body that waits.
    init(_ body: () async throws(Failure) -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
