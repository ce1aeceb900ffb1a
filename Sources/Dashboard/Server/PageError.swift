import HTTPTypes
import Hummingbird

/// A request that the dashboard refuses, with the words for its page.
struct PageError: Error, Sendable {
    let status: HTTPResponse.Status
    let title: String
    let message: String
    /// Whether the control plane had no time to answer, so that the page is asked for again.
    var isLate = false

    static let signedOut = PageError(
        status: .unauthorized, title: "Signed out",
        message:
            "Open the link that slipway dashboard printed when it started. It works once; start slipway dashboard again for a new one."
    )
    static let usedLink = PageError(
        status: .forbidden, title: "This link was used already",
        message: "A link works once. Start slipway dashboard again for a new one.")
    static let wrongHost = PageError(
        status: .misdirectedRequest, title: "Wrong address",
        message: "The dashboard answers on its loopback address and port only.")
    static let crossOrigin = PageError(
        status: .forbidden, title: "Refused",
        message: "This request came from another page, or its form has expired. Reload the page and try again.")
    static func notFound(_ message: String) -> PageError {
        PageError(status: .notFound, title: "Not found", message: message)
    }
}
