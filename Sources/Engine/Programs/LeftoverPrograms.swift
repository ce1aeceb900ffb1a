package import Clocks

/// What an earlier attempt of a step, or a killed run, left running. It is ended before the step runs again and before
/// another run gets the lock.
package struct LeftoverPrograms: Sendable {
    /// How long a program that still runs can continue until it is sent SIGTERM. Its step was about to end by itself, and
    /// a script that is stopped half-way can do more harm than one that ends late.
    package static let patience: Duration = .seconds(30)

    private static let interval: Duration = .milliseconds(100)

    private let programs: [StartedProgram]
    /// Finds also what was started just before the run was killed, which the journal does not have.
    private let trackingID: TrackingID

    package init(_ programs: [StartedProgram], trackingID: TrackingID) {
        self.programs = programs
        self.trackingID = trackingID
    }

    /// What is left of one program, which may still run itself.
    package init(_ program: StartedProgram) {
        self.init([program], trackingID: program.trackingID)
    }

    /// What a whole run left behind. No process may be writing the run's journal: its programs are not left over.
    package init(of run: RunID, events: [RunEvent]) {
        programs = events.compactMap { ($0.payload as? ProgramStarted)?.program }
        trackingID = TrackingID(run: run)
    }

    /// The processes that still run, found by the tracking ID in their environment or by their session.
    package var processes: [ProcessEntry] { processes(in: ProcessSnapshot()) }

    /// Those of them that a snapshot has.
    func processes(in snapshot: ProcessSnapshot) -> [ProcessEntry] {
        let bySession = Dictionary(programs.map { ($0.processID, $0) }) { $1 }
        return snapshot.processes.compactMap { entry, environment in
            if let ids = environment[TrackingID.variable], trackingID.isListed(in: ids) { return entry }
            let leader = snapshot.entry(of: entry.session)
            let isIncluded = bySession[entry.session]?.includes(entry, leader: leader, environment: environment)
            return isIncluded == true ? entry : nil
        }
    }

    /// The programs that were started just before the run was killed: the first leader of a session for each attempt of
    /// which the journal has no program.
    private func unrecorded(in snapshot: ProcessSnapshot) -> [StartedProgram] {
        let recorded = Set(programs.map(\.trackingID))
        var first: [TrackingID: StartedProgram] = [:]
        for (entry, environment) in snapshot.processes where entry.isSessionLeader {
            guard let id = TrackingID(value: environment[TrackingID.variable]), id.isPart(of: trackingID),
                !recorded.contains(id)
            else { continue }
            // The clock of start times ticks a hundred times a second: within a tick the ids tell.
            if let other = first[id], (other.startTime, other.processID) < (entry.startTime, entry.id) { continue }
            first[id] = StartedProgram(entry, trackingID: id)
        }
        return Array(first.values)
    }

    /// Waits for the programs that the steps were running, then ends them and everything that they started.
    ///
    /// Throws `StepFailure` (busy) when a process is left, and `CancellationError`.
    package func end(
        on clock: any RunClock, patience: Duration = patience, note: (String) -> Void
    ) async throws {
        guard !processes.isEmpty else { return }
        try await waitForPrograms(on: clock, patience, note)
        let result = await ProcessTermination.end { processes }
        if !result.signalled.isEmpty {
            note("ended processes that were left running: \(Self.list(result.signalled))")
        }
        guard !result.remaining.isEmpty else { return }
        throw StepFailure(
            .busy, code: "ProgramStillRunning",
            "processes that were left running cannot be ended: \(Self.list(result.remaining))",
            hint: "end them: kill -9 \(result.remaining.map { "\($0.id)" }.joined(separator: " "))")
    }

    private func waitForPrograms(
        on clock: any RunClock, _ patience: Duration, _ note: (String) -> Void
    ) async throws {
        let programs = programs + unrecorded(in: ProcessSnapshot())
        let running = programs.compactMap(\.entry)
        guard !running.isEmpty, patience > .zero else { return }
        note("waiting up to \(patience.brief) for processes that were left running: \(Self.list(running))")
        let end = clock.now.advanced(by: patience)
        while clock.now < end, programs.contains(where: { $0.entry != nil }) {
            try await clock.sleep(for: Self.interval)
        }
    }

    private static func list(_ processes: [ProcessEntry]) -> String {
        processes.map(\.description).joined(separator: ", ")
    }
}
