import Clocks
import ControlPlane
import ControlPlaneTypes
import Engine
import FoundationEssentials
import Git
import History
import Steps

/// Joins what an overview shows: the control plane, the records, and the clone that contains a folder.
struct OverviewLoader: Sendable {
    let state: StatePaths
    let folder: String
    let clock: any RunClock
    /// Whether branches and records are fetched from the remote first.
    var fetches = false
    /// Whether deployments of other repositories are left out.
    var isOfRepositoryOnly = false
    /// The deployments that the repository names itself.
    var ownNames: Set<String> = []

    /// What an overview may lack.
    struct Problem: Sendable, Equatable {
        let message: String
        let hint: String
    }

    /// Throws `ControlPlaneError`, and `StepFailure` where the repository is required and missing.
    func load(_ client: ControlPlaneClient) async throws -> (OverviewReader.Overview, [Problem]) {
        var (clone, problems) = try await openClone()
        let lookup = RecordLookup(state: state, folder: folder, clock: clock)
        let notes = await lookup.ofNotes(fetching: fetches && clone != nil)
        if let problem = notes.problem {
            problems.append(
                Problem(
                    message: "cannot \(fetches ? "fetch" : "read") the records in git notes: \(problem)",
                    hint: "the overview is shown without them"))
        }
        if let gap = notes.gap { problems.append(Problem(message: gap, hint: RecordLookup.Notes.gapHint)) }
        let reader = OverviewReader(
            client: client, records: ChangeRecords.joined(journals: lookup.ofJournals(about: []), notes: notes.records),
            uploads: UploadIndex(path: state.uploads).entries(), clone: clone, now: clock.date)
        let overview = try await reader.read { [clone, ownNames, isOfRepositoryOnly] deployment in
            !isOfRepositoryOnly || ownNames.contains(deployment.name) || ownNames.contains(deployment.id.rawValue)
                || clone?.isSource(of: deployment) == true
        }
        return (overview, problems + Self.gaps(in: overview))
    }

    private func openClone() async throws -> (CloneReader?, [Problem]) {
        do {
            let repository = try await Repository.open(containing: folder)
            guard fetches, let remote = try await repository.defaultRemote() else {
                return (try await CloneReader(repository), [])
            }
            do {
                try await repository.fetchBranches(of: remote, on: clock)
            } catch let error as GitError {
                let problem = Problem(
                    message: "cannot fetch the branches of \(remote.name): \(error.message)",
                    hint: "they are shown as of the last fetch")
                return (try await CloneReader(repository), [problem])
            }
            return (try await CloneReader(repository, fetched: remote), [])
        } catch let error as GitError {
            // An overview needs no repository, unless it is asked for.
            guard fetches || isOfRepositoryOnly else { return (nil, []) }
            throw StepFailure(.usage, code: error.kind.rawValue, error.message, hint: error.hint)
        }
    }

    private static func gaps(in overview: OverviewReader.Overview) -> [Problem] {
        var problems: [Problem] = []
        if overview.isTruncated {
            problems.append(
                Problem(
                    message: "this control plane returns the same page for every offset: it may have more deployments",
                    hint: "run slipway status NAME for one that is not shown"))
        }
        if overview.unread > 0 {
            let isOne = overview.unread == 1
            problems.append(
                Problem(
                    message:
                        "the revisions of \(overview.unread) \(isOne ? "deployment" : "deployments") were not read, "
                        + "to stay within \(OverviewReader.budget) requests",
                    hint: "run slipway status NAME for a deployment whose commit or newest revision is unknown"))
        }
        return problems
    }
}
