/// The keys of one kind of mapping: the table behind the parser, the schema and the documents.
package struct KeyGroup: Sendable {
    package struct Key: Sendable {
        package var key: WorkflowKey
        package var shape: Shape
        package var isRequired: Bool
        /// One sentence; also shown by editors.
        package var summary: String
        package var example: String

        init(_ key: WorkflowKey, _ shape: Shape, isRequired: Bool = false, _ summary: String, example: String) {
            self.key = key
            self.shape = shape
            self.isRequired = isRequired
            self.summary = summary
            self.example = example
        }
    }

    /// With its article, as messages name it.
    package var title: String
    package var name: String
    package var keys: [Key]

    init(_ title: String, name: String, _ keys: [Key]) {
        self.title = title
        self.name = name
        self.keys = keys
    }
}

/// What may stand behind a key.
package indirect enum Shape: Sendable {
    /// Text as it is written, without expressions.
    case text
    /// The one version there is.
    case version
    /// Text in which `${{ }}` may stand.
    case template
    /// A bare expression.
    case condition
    /// A duration; `allowsTemplate`: or text with `${{ }}` that gives one.
    case duration(allowsTemplate: Bool)
    case boolean
    case integer(ClosedRange<Int>)
    case choice([String])
    /// One of the words, or a list of them.
    case choices([String])
    /// One id, or a list of them.
    case identifiers
    case identifier
    case texts
    /// A built-in step type or the path of a workflow file.
    case stepType
    /// A shell script without `${{ }}`, or a list of arguments with it.
    case script
    /// Text, number or boolean, read by the type that is declared for it.
    case scalar
    /// Variables for processes; values are templates.
    case environment
    /// Names with templates.
    case templates
    /// Names with anything; every text may have `${{ }}`.
    case data
    case matrix
    case group(KeyGroup)
    /// Names with groups.
    case named(KeyGroup)
    case list(KeyGroup)
}

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

/// The language, declared once. A new key is a case of `WorkflowKey`, a line here and its use in the builder.
extension KeyGroup {
    package static let all = [workflow, input, defaults, job, strategy, step, retry]

    package static let workflow = KeyGroup(
        "a workflow", name: "workflow",
        [
            Key(.version, .version, isRequired: true, "The version of this language.", example: "1"),
            Key(.name, .text, isRequired: true, "What the workflow is called in reports.", example: "deploy"),
            Key(.inputs, .named(input), "Values that the caller gives.", example: "{ref: {default: main}}"),
            Key(.env, .environment, "Variables for all steps.", example: "{REGION: eu}"),
            Key(.defaults, .group(defaults), "What steps have that do not say otherwise.", example: "{timeout: 10m}"),
            Key(
                .jobs, .named(job), isRequired: true, "What is done; jobs run in parallel.",
                example: "{test: {steps: [{run: make test}]}}"),
            Key(
                .outputs, .templates, "What a workflow that uses this one sees.",
                example: "{url: \"${{ needs.deploy.outputs.url }}\"}"),
        ])

    package static let input = KeyGroup(
        "an input", name: "input",
        [
            Key(
                .type, .choice(["string", "number", "boolean", "choice", "duration"]), "`string` when left out.",
                example: "choice"),
            Key(.required, .boolean, "Whether the caller must give it.", example: "true"),
            Key(.fallback, .scalar, "The value when the caller gives none.", example: "main"),
            Key(.pattern, .text, "A regular expression that the whole text must match.", example: "\"[a-z-]+\""),
            Key(.options, .texts, "What a choice is made from.", example: "[staging, production]"),
            Key(.description, .text, "For people.", example: "the branch to deploy"),
        ])

    package static let defaults = KeyGroup(
        "the defaults", name: "defaults",
        [
            Key(.timeout, .duration(allowsTemplate: true), "The time of a step.", example: "10m"),
            Key(.retry, .group(retry), "How steps are tried again.", example: "{attempts: 2}"),
            Key(.workingDirectory, .template, "The folder that steps run in.", example: "agents/support"),
        ])

    package static let job = KeyGroup(
        "a job", name: "job",
        [
            Key(.needs, .identifiers, "Jobs that must succeed before.", example: "[test, build]"),
            Key(.condition, .condition, "Whether it runs; `success()` when left out.", example: "git.branch == 'main'"),
            Key(.environment, .template, "The environment of the CI that it deploys to.", example: "production"),
            Key(
                .concurrency, .template, "A lock by name: one run at a time.",
                example: "deploy ${{ inputs.deployment }}"),
            Key(.timeout, .duration(allowsTemplate: true), "The time for all of its steps.", example: "1h30m"),
            Key(
                .strategy, .group(strategy), "Runs it once for each row of a matrix.",
                example: "{matrix: {region: [us, eu]}}"),
            Key(.env, .environment, "Variables for its steps.", example: "{REGION: \"${{ matrix.region }}\"}"),
            Key(
                .outputs, .templates, "What jobs that need it see.",
                example: "{url: \"${{ steps.deploy.outputs.deployment-url }}\"}"),
            Key(.steps, .list(step), isRequired: true, "What it does, in order.", example: "[{run: make test}]"),
        ])

    package static let strategy = KeyGroup(
        "a strategy", name: "strategy",
        [
            Key(
                .matrix, .matrix, isRequired: true, "Names with lists of values, `include` and `exclude`.",
                example: "{region: [us, eu]}"),
            Key(.maxParallel, .integer(1...Matrix.maximumRows), "How many rows run at a time.", example: "2"),
            Key(.failFast, .boolean, "Whether a failed row stops the others; true when left out.", example: "false"),
        ])

    package static let step = KeyGroup(
        "a step", name: "step",
        [
            Key(.id, .identifier, "Its name in expressions.", example: "smoke"),
            Key(.name, .template, "Its name for people.", example: "Smoke test"),
            Key(.uses, .stepType, "A built-in step type, or a workflow file.", example: "deploy"),
            Key(.run, .script, "A shell script, or a list of arguments.", example: "make test"),
            Key(.with, .data, "The inputs of the step type.", example: "{deployment: support}"),
            Key(
                .env, .environment, "Variables for this step; secrets may be given here.",
                example: "{TOKEN: \"${{ secrets.TOKEN }}\"}"),
            Key(.condition, .condition, "Whether it runs; `success()` when left out.", example: "failure()"),
            Key(.timeout, .duration(allowsTemplate: true), "The time of each try.", example: "90s"),
            Key(.retry, .group(retry), "How it is tried again.", example: "{attempts: 3, delay: 5s}"),
            Key(.continueOnError, .boolean, "Whether the job goes on when it fails.", example: "true"),
            Key(.workingDirectory, .template, "The folder that it runs in.", example: "agents/support"),
        ])

    package static let retry = KeyGroup(
        "a retry", name: "retry",
        [
            Key(.attempts, .integer(1...100), isRequired: true, "All tries, the first one included.", example: "3"),
            Key(
                .delay, .duration(allowsTemplate: false), "The pause before the second try; 1s when left out.",
                example: "5s"),
            Key(
                .backoff, .choice(RetryPolicy.Backoff.allCases.map(\.rawValue)), "`exponential` when left out.",
                example: "constant"),
            Key(.maxDelay, .duration(allowsTemplate: false), "The longest pause; 60s when left out.", example: "30s"),
            Key(
                .on, .choices(RetryPolicy.Trigger.allCases.map(\.rawValue)), "What is tried again; all when left out.",
                example: "[error, timeout]"),
        ])
}
