import ArgumentParser
import ControlPlane
import ControlPlaneTypes

/// `slipway revisions interrupt`
struct RevisionsInterruptCommand: ResourceCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt",
        abstract: "Take a revision that is stuck out of its deployment's queue.")

    @Argument(help: "The deployment's name or id.")
    var deployment: DeploymentArgument

    @Argument(help: "The revision's id, or its first digits.")
    var revision: RevisionArgument

    @OptionGroup var consent: ConsentOptions
    @OptionGroup var options: ResourceOptions

    var isConsentGiven: Bool { consent.yes }

    func perform(_ context: ResourceContext) async throws {
        let id = try await deployment.id(context.client)
        let revision = try await revision.id(context.client, of: id)
        try context.consent.require("Interrupt revision \(revision) of \(deployment.text)?")
        let answer = try await context.client.interruptDocument(revision, of: id)
        context.printer.change(answer, "interrupted revision \(revision)")
    }
}
