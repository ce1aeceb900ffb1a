import ArgumentParser
import ControlPlane
import ControlPlaneTypes

/// `slipway deployments list`
struct DeploymentsListCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List deployments: all pages, filtered by the control plane.")

    @Option(help: ArgumentHelp("Of exactly this name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("With this in their name.", valueName: "text"))
    var nameContains: String?

    @Option(help: ArgumentHelp("In this status, such as READY.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("Of this type, such as dev or prod.", valueName: "type"))
    var deploymentType: String?

    @Option(help: ArgumentHelp("Of this image version.", valueName: "version"))
    var imageVersion: String?

    @Option(help: ArgumentHelp("With these ids, by commas; repeatable.", valueName: "uuids"))
    var deploymentIds: [String] = []

    @Option(help: ArgumentHelp("With these tag values, by commas; repeatable.", valueName: "uuids"))
    var tagValueIds: [String] = []

    @Option(
        help: ArgumentHelp("Only those that are reconciled elsewhere, or only the others.", valueName: "true|false"))
    var remoteReconciled: Bool?

    @Option(help: ArgumentHelp("Serving at this URL.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("No more than this many.", valueName: "n"))
    var limit: Int?

    @OptionGroup var options: ResourceOptions

    /// The most ids that the API takes at once.
    private static let idsInOneList = 100

    func validate() throws {
        try LimitArgument.check(limit)
    }

    func perform(_ context: ResourceContext) async throws {
        let ids = Self.split(deploymentIds)
        var rows: [RawJSON] = []
        // Without ids there is one list, of all.
        for start in stride(from: 0, to: max(ids.count, 1), by: Self.idsInOneList) {
            let some = Array(ids.dropFirst(start).prefix(Self.idsInOneList))
            let rest = limit.map { $0 - rows.count }
            rows += try await context.client.documents(.deployments(filter(some)), limit: rest)
        }
        context.printer.list(rows, .deployments, noun: "deployments")
    }

    private func filter(_ ids: [String]) -> DeploymentFilter {
        var filter = DeploymentFilter()
        filter.name = name
        // Planes without the filter by name know this one; what they answer is checked.
        filter.nameContains = nameContains ?? name
        filter.status = status.map { DeploymentStatus(rawValue: $0.uppercased()) }
        filter.deploymentType = deploymentType
        filter.imageVersion = imageVersion
        filter.ids = ids.isEmpty ? nil : ids.map { DeploymentID($0) }
        filter.tagValueIDs = tagValueIds.isEmpty ? nil : Self.split(tagValueIds)
        filter.isRemoteReconciled = remoteReconciled
        filter.url = url
        return filter
    }

    private static func split(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",") }.map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }
}

/// `--limit` of the lists.
enum LimitArgument {
    static func check(_ limit: Int?) throws {
        if let limit, limit < 1 {
            throw ValidationError("--limit \(limit) lists nothing: give 1 or more, or leave it out for all")
        }
    }
}
