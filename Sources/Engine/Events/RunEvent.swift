package import FoundationEssentials

/// One thing that happened in a run. The list of them is the run: journal and reports are folds over it.
///
/// On the wire an event is one flat JSON object: the envelope's keys, `type`, and the payload's keys beside them.
package struct RunEvent: Sendable, Equatable {
    /// The version of the JSON form; readers ignore fields they do not know.
    package static let formatVersion = 1

    package var sequence: Int
    package var date: Date
    package var runID: RunID
    package var payload: Payload

    package init(sequence: Int, date: Date, runID: RunID, payload: Payload) {
        self.sequence = sequence
        self.date = date
        self.runID = runID
        self.payload = payload
    }

    package enum Payload: Sendable, Equatable {
        case runStarted(RunStarted)
        case runCancelled(RunCancelled)
        case runFinished(RunFinished)
        case jobStarted(JobStarted)
        case jobFinished(JobFinished)
        case stepStarted(StepStarted)
        case stepFinished(StepFinished)
        case outputRecorded(OutputRecorded)
        case effectIntended(EffectIntended)
        case noted(Noted)
        case logged(Logged)
        case commitRead(CommitRead)
        case deploymentSeen(DeploymentSeen)
        case revisionSeen(RevisionSeen)
        case rollbackSeen(RollbackSeen)
        case requestsCounted(RequestsCounted)
    }
}
