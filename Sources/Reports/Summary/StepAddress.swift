/// Which step of which job, across a whole run.
package struct StepAddress: Hashable, Sendable {
    package var job: String
    package var step: String

    package init(job: String, step: String) {
        self.job = job
        self.step = step
    }
}
