import Clocks

/// Makes values of a tree. What has the wrong form was reported before and is left out here.
struct WorkflowBuilder {
    var collector: DiagnosticCollector
    private(set) var file: WorkflowFile
    private var defaults: YAMLNode?

    init(_ collector: DiagnosticCollector) {
        self.collector = collector
        file = WorkflowFile(workflow: Workflow(name: "", jobs: []), source: collector.source)
    }

    mutating func build(_ root: YAMLNode) {
        defaults = root[.defaults]
        file.workflow.name = root[.name]?.text ?? ""
        file.workflow.inputs = (root[.inputs]?.entries ?? []).map { input($0) }
        file.workflow.env = templates(root[.env], .workflowEnv)
        for (index, entry) in (root[.jobs]?.entries ?? []).enumerated() { addJob(entry, index) }
        file.workflow.outputs = templates(root[.outputs], .workflowOutput)
    }

    func name(_ text: String, _ mark: YAMLNode.Mark) -> WorkflowFile.Name {
        .init(text: text, position: collector.source.position(mark))
    }

    private mutating func addJob(_ entry: YAMLNode.Entry, _ index: Int) {
        let node = entry.value
        let needs = node[.needs].map { $0.elements ?? [$0] } ?? []
        file.jobs.append(.init(id: name(entry.key, entry.keyMark)))
        file.jobs[index].needs = needs.compactMap { need in need.text.map { name($0, need.mark) } }
        var job = Job(id: entry.key, steps: [], position: collector.source.position(entry.keyMark))
        job.needs = file.jobs[index].needs.map(\.text)
        job.condition = condition(node[.condition], .jobCondition, job: index) ?? .success
        job.environment = template(node[.environment], .jobSetting, job: index)
        job.concurrency = template(node[.concurrency], .jobSetting, job: index)
        job.timeout = template(node[.timeout], .jobSetting, job: index)
        job.strategy = strategy(node[.strategy], job: index)
        job.env = templates(node[.env], .jobEnv, job: index)
        for (place, step) in (node[.steps]?.elements ?? []).enumerated() where step.entries != nil {
            addStep(step, Location(job: index, step: job.steps.count, ordinal: place + 1), to: &job)
        }
        job.outputs = templates(node[.outputs], .jobOutput, job: index)
        file.workflow.jobs.append(job)
    }

    struct Location {
        var job: Int
        var step: Int
        /// From 1, as people count.
        var ordinal: Int
    }

    private mutating func addStep(_ node: YAMLNode, _ at: Location, to job: inout Job) {
        var places = WorkflowFile.StepPlaces(position: collector.source.position(node.mark))
        places.id = node[.id].flatMap { id in id.text.map { name($0, id.mark) } }
        places.uses = node[.uses].flatMap { uses in uses.text.map { name($0, uses.mark) } }
        places.with = (node[.with]?.entries ?? []).map { name($0.key, $0.keyMark) }
        file.jobs[at.job].steps.append(places)
        checkAction(node)
        job.steps.append(step(node, places, at))
    }

    private mutating func step(_ node: YAMLNode, _ places: WorkflowFile.StepPlaces, _ at: Location) -> StepDefinition {
        let uses = places.uses?.text ?? StepDefinition.runType
        var step = StepDefinition(
            id: places.id?.text ?? "step-\(at.ordinal)", name: node[.name]?.text ?? title(node) ?? uses, uses: uses,
            position: places.position)
        if let name = template(node[.name], .stepSetting, job: at.job, step: at.step), name.constant == nil {
            step.nameTemplate = name
        }
        step.env = templates(node[.env], .stepEnv, job: at.job, step: at.step)
        step.with = node[.run].map { command($0, at) } ?? inputs(node[.with], at)
        step.condition = condition(node[.condition], .stepCondition, job: at.job, step: at.step) ?? .success
        step.timeout = template(setting(.timeout, of: node), .stepSetting, job: at.job, step: at.step)
        step.workingDirectory = template(
            setting(.workingDirectory, of: node), .stepSetting, job: at.job, step: at.step)
        step.retry = retry(setting(.retry, of: node))
        step.continueOnError = node[.continueOnError]?.coreBoolean ?? false
        return step
    }

    private func setting(_ key: WorkflowKey, of step: YAMLNode) -> YAMLNode? { step[key] ?? defaults?[key] }

    /// The first line of a script names the step.
    private func title(_ node: YAMLNode) -> String? {
        guard let run = node[.run] else { return nil }
        let text = run.text ?? run.elements?.compactMap(\.text).joined(separator: " ")
        return text?.split(whereSeparator: \.isNewline).first.map { String($0.prefix(80)) }
    }

    private mutating func checkAction(_ node: YAMLNode) {
        let (uses, run) = (node[.uses], node[.run])
        let place = collector.source.position(node.mark)
        if uses != nil, run != nil {
            collector.report(
                .usesOrRun, "the step has both 'uses' and 'run'", at: place, hint: "make two steps of it")
        } else if uses == nil, run == nil {
            collector.report(
                .usesOrRun, "the step has neither 'uses' nor 'run'", at: place,
                hint: "'uses' names a step type, 'run' is a shell script")
        } else if run != nil, let with = node[.with] {
            collector.report(
                .usesOrRun, "'with' belongs to 'uses', not to 'run'", at: collector.source.position(with.mark),
                hint: "give values to a script through 'env'")
        }
    }

    mutating func add(_ site: ExpressionSite) { file.expressions.append(site) }
}
