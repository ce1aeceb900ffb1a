/// The keys of one kind of mapping: the table behind the parser, the schema and the documentation.
package struct KeyGroup: Sendable {
    package struct Key: Sendable {
        package var name: String
        package var shape: Shape
        package var isRequired: Bool
        /// One sentence; also shown by editors.
        package var summary: String
        package var example: String

        package init(
            _ name: String, _ shape: Shape, isRequired: Bool = false, _ summary: String, example: String
        ) {
            self.name = name
            self.shape = shape
            self.isRequired = isRequired
            self.summary = summary
            self.example = example
        }

        init(_ key: WorkflowKey, _ shape: Shape, isRequired: Bool = false, _ summary: String, example: String) {
            self.init(key.rawValue, shape, isRequired: isRequired, summary, example: example)
        }
    }

    /// With its article, for messages.
    package var title: String
    package var name: String
    package var keys: [Key]

    package init(_ title: String, name: String, _ keys: [Key]) {
        self.title = title
        self.name = name
        self.keys = keys
    }
}

/// The form of a key's value.
package indirect enum Shape: Sendable {
    /// Text without expressions.
    case text
    /// The version of the workflow language.
    case version
    /// Text that can contain `${{ }}`.
    case template
    /// A bare expression.
    case condition
    /// A duration; with `allowsTemplate` also text with `${{ }}`.
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
    /// Text, number or boolean, parsed by the declared type.
    case scalar
    /// Text, or a list of texts.
    case textOrTexts
    /// Names with texts.
    case labels
    /// A whole number, or a percentage.
    case tolerance
    /// Environment variables; values are templates.
    case environment
    /// Names with templates.
    case templates
    /// Names with any values; every text can contain `${{ }}`.
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
    case maxFailures = "max-failures"
    case strict
    case id, uses, run, shell, with, retry
    case continueOnError = "continue-on-error"
    case workingDirectory = "working-directory"
    case attempts, delay, backoff, on
    case maxDelay = "max-delay"
}

extension YAMLNode {
    subscript(key: WorkflowKey) -> YAMLNode? { self[key.rawValue] }
}

/// The workflow language. A new key is a case of `WorkflowKey`, a line here and its use in the builder.
extension KeyGroup {
    package static let all = [workflow, input, defaults, job, strategy, step, retry]

    package static let workflow = KeyGroup(
        "a workflow", name: "workflow",
        [
            Key(.version, .version, isRequired: true, "The version of the workflow language.", example: "1"),
            Key(.name, .text, isRequired: true, "The name shown in reports.", example: "deploy"),
            Key(.inputs, .named(input), "Values that the caller sets.", example: "{ref: {default: main}}"),
            Key(.env, .environment, "Environment variables for all steps.", example: "{REGION: eu}"),
            Key(
                .defaults, .group(defaults), "Settings for steps that do not set their own.", example: "{timeout: 10m}"),
            Key(
                .jobs, .named(job), isRequired: true, "The jobs; they run in parallel.",
                example: "{test: {steps: [{run: make test}]}}"),
            Key(
                .outputs, .templates, "Values for a workflow that uses this one.",
                example: "{url: \"${{ needs.deploy.outputs.url }}\"}"),
        ])

    package static let input = KeyGroup(
        "an input", name: "input",
        [
            Key(
                .type, .choice(["string", "number", "boolean", "choice", "duration"]),
                "The type of the value; `string` by default.",
                example: "choice"),
            Key(.required, .boolean, "Whether the caller must set it.", example: "true"),
            Key(.fallback, .scalar, "The value if the caller sets none.", example: "main"),
            Key(.pattern, .text, "A regular expression that the whole text must match.", example: "\"[a-z-]+\""),
            Key(.options, .texts, "The allowed values of a choice.", example: "[staging, production]"),
            Key(.description, .text, "What the input is for.", example: "the branch to deploy"),
        ])

    package static let defaults = KeyGroup(
        "the defaults", name: "defaults",
        [
            Key(.timeout, .duration(allowsTemplate: true), "The time limit of each step.", example: "10m"),
            Key(.retry, .group(retry), "When and how often failed steps are retried.", example: "{attempts: 2}"),
            Key(
                .shell, .choice(StepDefinition.shells), "What runs the scripts; bash, or sh without bash, by default.",
                example: "bash"),
            Key(.workingDirectory, .template, "The directory in which steps run.", example: "agents/support"),
        ])

    package static let job = KeyGroup(
        "a job", name: "job",
        [
            Key(.needs, .identifiers, "Jobs that must succeed first.", example: "[test, build]"),
            Key(.condition, .condition, "When to run it; `success()` by default.", example: "git.branch == 'main'"),
            Key(.environment, .template, "The CI system's environment that it deploys to.", example: "production"),
            Key(
                .concurrency, .template, "The name of a lock: one run at a time.",
                example: "deploy ${{ inputs.deployment }}"),
            Key(.timeout, .duration(allowsTemplate: true), "The time limit for all of its steps.", example: "1h30m"),
            Key(
                .strategy, .group(strategy), "Runs it once for each row of a matrix.",
                example: "{matrix: {region: [us, eu]}}"),
            Key(
                .env, .environment, "Environment variables for its steps.",
                example: "{REGION: \"${{ matrix.region }}\"}"),
            Key(
                .outputs, .templates, "Values for jobs that need this one.",
                example: "{url: \"${{ steps.deploy.outputs.deployment-url }}\"}"),
            Key(.steps, .list(step), isRequired: true, "The steps, in order.", example: "[{run: make test}]"),
        ])

    package static let strategy = KeyGroup(
        "a strategy", name: "strategy",
        [
            Key(
                .matrix, .matrix, isRequired: true, "Names with lists of values, `include` and `exclude`.",
                example: "{region: [us, eu]}"),
            Key(.maxParallel, .integer(1...Matrix.maximumRows), "How many rows run at a time.", example: "2"),
            Key(.failFast, .boolean, "Whether a failed row cancels the others; true by default.", example: "false"),
            Key(
                .maxFailures, .tolerance,
                "How many rows may fail before no other one starts, instead of `fail-fast`.", example: "5%"),
            Key(
                .strict, .boolean,
                "Whether at most `max-failures` + 1 rows can fail: no more run at a time. True by default.",
                example: "false"),
        ])

    package static let step = KeyGroup(
        "a step", name: "step",
        [
            Key(.id, .identifier, "The step's name in expressions.", example: "smoke"),
            Key(.name, .template, "The step's name in reports.", example: "Smoke test"),
            Key(.uses, .stepType, "A built-in step type, or a workflow file.", example: "deploy"),
            Key(.run, .script, "A shell script, or a list of arguments.", example: "make test"),
            Key(
                .shell, .choice(StepDefinition.shells), "What runs the script; bash, or sh without bash, by default.",
                example: "python"),
            Key(.with, .data, "The inputs of the step type.", example: "{deployment: support}"),
            Key(
                .env, .environment, "Environment variables for this step; secrets are allowed.",
                example: "{TOKEN: \"${{ secrets.TOKEN }}\"}"),
            Key(.condition, .condition, "When to run it; `success()` by default.", example: "failure()"),
            Key(.timeout, .duration(allowsTemplate: true), "The time limit of each attempt.", example: "90s"),
            Key(.retry, .group(retry), "When and how often it is retried.", example: "{attempts: 3, delay: 5s}"),
            Key(.continueOnError, .boolean, "Whether the job continues if the step fails.", example: "true"),
            Key(.workingDirectory, .template, "The directory in which it runs.", example: "agents/support"),
        ])

    package static let retry = KeyGroup(
        "a retry", name: "retry",
        [
            Key(
                .attempts, .integer(1...100), isRequired: true, "The number of attempts, including the first.",
                example: "3"),
            Key(
                .delay, .duration(allowsTemplate: false), "The delay before the second attempt; 1s by default.",
                example: "5s"),
            Key(
                .backoff, .choice(RetryPolicy.Backoff.allCases.map(\.rawValue)),
                "How the delay grows; `exponential` by default.",
                example: "constant"),
            Key(.maxDelay, .duration(allowsTemplate: false), "The longest delay; 60s by default.", example: "30s"),
            Key(
                .on, .choices(RetryPolicy.Trigger.allCases.map(\.rawValue)),
                "The outcomes that are retried; all by default.",
                example: "[error, timeout]"),
        ])
}
