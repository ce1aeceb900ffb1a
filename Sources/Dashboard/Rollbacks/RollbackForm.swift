import Foundation
import Redaction

/// The fields of the form of a rollback, as they came.
struct RollbackForm: Sendable, Equatable {
    /// In characters; a longer one is not a reason.
    static let longestReason = 500

    var id = ""
    var to = ""
    var live = ""
    var reason = ""
    var name = ""

    init(fields: [String: String]) {
        id = fields["id"] ?? ""
        to = fields["to"] ?? ""
        live = fields["live"] ?? ""
        reason = (fields["reason"] ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
            .trimmingCharacters(in: .whitespaces)
        name = (fields["name"] ?? "").trimmingCharacters(in: .whitespaces)
    }

    /// For a form that is shown the first time.
    init(id: String, to: String?) { (self.id, self.to) = (id, to ?? "") }

    /// A field that is not right, and why.
    struct Problem: Error, Sendable, Equatable {
        enum Field: String, Sendable { case to, reason, name, form }

        var field: Field
        var message: String
    }

    /// The request, where everything is right for what is offered now.
    ///
    /// - Parameter redactor: knows the secrets that a reason must not have: everybody may read it later.
    func request(
        for deployment: DeploymentRow, _ offer: RollbackOffer, redactor: Redactor
    ) throws(Problem) -> RollbackRequest {
        guard UUID(uuidString: id) != nil else {
            throw Problem(field: .form, message: "This form is incomplete. Reload the page and try again.")
        }
        guard live == offer.live?.id ?? "" else {
            throw Problem(
                field: .form,
                message: "The live revision has changed since this page was loaded. Check again what goes away.")
        }
        guard let candidate = offer.candidate(to) else {
            throw Problem(field: .to, message: "Choose the revision to bring back.")
        }
        guard !reason.isBlank else {
            throw Problem(field: .reason, message: "Enter a reason: it is what others read later.")
        }
        guard !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\t" }) else {
            throw Problem(field: .reason, message: "The reason contains a control character. Leave it out.")
        }
        guard reason.count <= Self.longestReason else {
            throw Problem(field: .reason, message: "The reason is longer than \(Self.longestReason) characters.")
        }
        guard redactor.redact(reason) == reason else {
            throw Problem(
                field: .reason, message: "The reason contains a secret. Leave it out: others read the reason.")
        }
        guard !offer.needsName || name == deployment.name else {
            throw Problem(field: .name, message: "Type \(deployment.name) to confirm.")
        }
        return RollbackRequest(
            id: id.lowercased(), deployment: deployment, from: offer.live?.id, to: candidate.revision.id, reason: reason
        )
    }
}
