/// What a workflow file says, with the places that a check needs to point at.
package struct WorkflowFile: Sendable {
    /// A name that somebody wrote, and where.
    struct Name: Sendable {
        var text: String
        var position: SourcePosition
    }

    struct StepPlaces: Sendable {
        var id: Name?
        var uses: Name?
        var with: [Name] = []
        var position: SourcePosition
    }

    struct JobPlaces: Sendable {
        var id: Name
        var needs: [Name] = []
        var steps: [StepPlaces] = []
    }

    package var workflow: Workflow
    package let source: SourceText
    /// As long as `workflow.jobs`, and so are the steps in it.
    var jobs: [JobPlaces] = []
    var expressions: [ExpressionSite] = []
}
