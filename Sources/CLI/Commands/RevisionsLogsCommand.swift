import ArgumentParser
import ControlPlane
import ControlPlaneTypes
import FoundationEssentials
import JSON

/// `slipway revisions logs`
struct RevisionsLogsCommand: ResourceCommand {
    enum Level: String, ExpressibleByArgument, CaseIterable, Sendable {
        case debug, info, warning, error, critical

        init?(argument: String) { self.init(rawValue: argument.lowercased()) }
    }

    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print the whole build or deploy log of a revision.",
        discussion: Examples.text(
            "slipway revisions logs my-agent", "slipway revisions logs my-agent 4f2a91c0 --type deploy --level error"))

    @Argument(help: "Deployment name or ID.")
    var deployment: DeploymentArgument

    @Argument(help: "Revision ID or a prefix of it. Default: the newest.")
    var revision: RevisionArgument?

    @Option(help: ArgumentHelp("Which log.", valueName: "type"))
    var type: LogQuery.Kind = .build

    @Option(help: ArgumentHelp("Print only the last N lines.", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("Filter by level.", valueName: "level"))
    var level: Level?

    @Option(help: ArgumentHelp("Filter by text.", valueName: "text"))
    var query: String?

    @Option(help: ArgumentHelp("Start time, such as 2030-01-31T12:00:00Z.", valueName: "time"))
    var startTime: String?

    @Option(help: ArgumentHelp("End time.", valueName: "time"))
    var endTime: String?

    @OptionGroup var options: ResourceOptions

    func validate() throws {
        try LimitArgument.check(limit)
        for (flag, time) in [("--start-time", startTime), ("--end-time", endTime)] {
            if let time, Timestamp(text: time).date == nil {
                throw ValidationError("invalid time for \(flag) '\(time)': write it as 2030-01-31T12:00:00Z")
            }
        }
    }

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client)
        guard let revision = try await chosen(context.client, id) else {
            return context.printer.list([], .revisions(live: nil), noun: "revisions")
        }
        var reader = LogReader(client: context.client, revision: revision, deployment: id, query: logQuery)
        if let limit {
            context.printer.logs(try await reader.last(limit))
        } else if options.output == .json {
            context.printer.logs(try await reader.all())
        } else {
            while let lines = try await reader.next() { context.printer.logs(lines) }
        }
    }

    private var logQuery: LogQuery {
        var query = LogQuery(type)
        query.level = level?.rawValue.uppercased()
        query.text = self.query
        query.startTime = startTime
        query.endTime = endTime
        return query
    }

    private func chosen(_ client: ControlPlaneClient, _ id: DeploymentID) async throws -> RevisionID? {
        if let revision { return try await revision.id(client, of: id) }
        return try await client.listRevisions(of: id, limit: 1).resources.first?.id
    }
}

/// Reads the log of a revision page by page.
struct LogReader: Sendable {
    let client: ControlPlaneClient
    let revision: RevisionID
    let deployment: DeploymentID
    var query: LogQuery
    private var isDone = false

    init(client: ControlPlaneClient, revision: RevisionID, deployment: DeploymentID, query: LogQuery) {
        self.client = client
        self.revision = revision
        self.deployment = deployment
        self.query = query
    }

    /// The next page; nil at the end.
    mutating func next() async throws -> [RawJSON]? {
        guard !isDone else { return nil }
        let page = try await client.logPageDocument(query, ofRevision: revision, of: deployment)
        let entries = page["logs"]?.elements ?? []
        let next = page["next_offset"].flatMap { $0.text ?? $0.integer.map(String.init) }
        isDone = entries.isEmpty || next == nil || next == query.offset
        query.offset = next
        return entries
    }

    mutating func all() async throws -> [RawJSON] {
        var entries: [RawJSON] = []
        while let page = try await next() { entries += page }
        return entries
    }

    /// The last `count` entries, oldest first.
    mutating func last(_ count: Int) async throws -> [RawJSON] {
        query.order = .newestFirst
        var entries: [RawJSON] = []
        let largestPage = query.limit
        while entries.count < count {
            query.limit = min(count - entries.count, largestPage)
            guard let page = try await next() else { break }
            entries += page
        }
        return entries.prefix(count).reversed()
    }
}
