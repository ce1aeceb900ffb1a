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

/// An expression in a file and what it may refer to there.
struct ExpressionSite: Sendable {
    enum Place: Sendable, Equatable {
        case workflowEnv, workflowOutput
        case jobCondition, jobSetting, strategy, jobEnv, jobOutput
        case stepCondition, stepSetting, stepEnv
        /// A key of `with`.
        case stepInput(String)
    }

    var place: Place
    /// In the list of jobs.
    var job: Int?
    /// In the list of steps of that job.
    var step: Int?
    var parsed: ParsedExpression
    /// The text it stands in.
    var node: YAMLNode
}

extension ExpressionSite.Place {
    /// The contexts that have something to say there.
    var contexts: [ExpressionContext] {
        switch self {
        case .workflowEnv: [.git, .ci, .inputs, .secrets]
        case .workflowOutput: [.inputs, .needs]
        // The rows are made before any job runs.
        case .strategy: [.git, .ci, .inputs, .env]
        case .jobCondition: [.git, .ci, .inputs, .env, .needs]
        case .jobSetting: [.git, .ci, .inputs, .env, .needs, .matrix]
        case .jobEnv: [.git, .ci, .inputs, .env, .needs, .matrix, .secrets]
        case .jobOutput, .stepCondition, .stepSetting: [.git, .ci, .inputs, .env, .needs, .matrix, .steps]
        case .stepEnv, .stepInput: [.git, .ci, .inputs, .env, .needs, .matrix, .steps, .secrets]
        }
    }

    var allowsStatus: Bool { self == .jobCondition || self == .stepCondition }
}
