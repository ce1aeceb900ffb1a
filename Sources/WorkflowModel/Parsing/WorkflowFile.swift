/// A parsed workflow file, with the source positions that checks report.
package struct WorkflowFile: Sendable {
    /// A name in the file and its position.
    struct Name: Sendable {
        var text: String
        var position: SourcePosition
    }

    struct StepPositions: Sendable {
        var id: Name?
        var uses: Name?
        var with: [Name] = []
        var position: SourcePosition
    }

    struct JobPositions: Sendable {
        var id: Name
        var needs: [Name] = []
        var steps: [StepPositions] = []
    }

    package var workflow: Workflow
    package let source: SourceText
    /// One entry for each of `workflow.jobs`, and in it one for each step.
    var jobs: [JobPositions] = []
    var expressions: [ExpressionSite] = []
}

/// An expression in a file and the names that are available to it.
struct ExpressionSite: Sendable {
    enum Field: Sendable, Equatable {
        case workflowEnv, workflowOutput
        case jobCondition, jobSetting, strategy, jobEnv, jobOutput
        case stepCondition, stepSetting, stepEnv
        /// A key of `with`.
        case stepInput(String)
    }

    var field: Field
    /// The index of the job.
    var job: Int?
    /// The index of the step in that job.
    var step: Int?
    var parsed: ParsedExpression
    /// The text that contains it.
    var node: YAMLNode
}

extension ExpressionSite.Field {
    /// The contexts that are available there.
    var contexts: [ExpressionContext] {
        switch self {
        case .workflowEnv: [.git, .ci, .inputs, .secrets]
        case .workflowOutput: [.inputs, .needs]
        case .strategy, .jobCondition: [.git, .ci, .inputs, .env, .needs]
        case .jobSetting: [.git, .ci, .inputs, .env, .needs, .matrix]
        case .jobEnv: [.git, .ci, .inputs, .env, .needs, .matrix, .secrets]
        case .jobOutput, .stepCondition, .stepSetting: [.git, .ci, .inputs, .env, .needs, .matrix, .steps]
        case .stepEnv, .stepInput: [.git, .ci, .inputs, .env, .needs, .matrix, .steps, .secrets]
        }
    }

    var allowsStatus: Bool { self == .jobCondition || self == .stepCondition }
}
