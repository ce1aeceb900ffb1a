package import Foundation

/// One request that a healthy agent has to answer before it is given any traffic.
package struct SmokeTest: Sendable, Equatable {
    package var method: String
    package var path: String
    /// JSON, as it is sent.
    package var body: Data?
    package var expectedStatus: Int
    /// Whether the answer has to be a list that is not empty.
    package var expectsResults: Bool

    package init(
        method: String = "GET", path: String, body: Data? = nil, expectedStatus: Int = 200, expectsResults: Bool = false
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.expectedStatus = expectedStatus
        self.expectsResults = expectsResults
    }
}
