import ArgumentParser
import ControlPlane
import ControlPlaneTypes

/// `slipway revisions interrupt`
struct RevisionsInterruptCommand: ChangingCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt",
        abstract: "Take a revision that is stuck out of its deployment's queue.")

    @OptionGroup var named: RevisionArguments
    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var options: ResourceOptions

    func perform(_ context: ResourceContext) async throws {
        let (id, revision) = try await named.ids(context.client)
        try context.confirmation.require("Interrupt revision \(revision) of \(named.deployment.text)?")
        let answer = try await context.client.interruptDocument(revision, of: id)
        context.printer.change(answer, "interrupted revision \(revision)")
    }
}
