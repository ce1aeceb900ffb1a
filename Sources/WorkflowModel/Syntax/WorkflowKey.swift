/// Every keyword of a workflow file.
package enum WorkflowKey: String, Sendable, CaseIterable {
    case version, name, inputs, env, defaults, jobs, outputs
    case type, required, pattern, options, description
    case fallback = "default"
    case needs, environment, concurrency, timeout, strategy, steps
    case condition = "if"
    case matrix, include, exclude
    case maxParallel = "max-parallel"
    case failFast = "fail-fast"
    case id, uses, run, with, retry
    case continueOnError = "continue-on-error"
    case workingDirectory = "working-directory"
    case attempts, delay, backoff, on
    case maxDelay = "max-delay"
}

extension YAMLNode {
    subscript(key: WorkflowKey) -> YAMLNode? { self[key.rawValue] }
}
