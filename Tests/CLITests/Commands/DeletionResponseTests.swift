import ControlPlaneTypes
import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct DeletionResponseTests {
    @Test(arguments: [
        (#"{"failed":[{"id":"b","error":"no"},{"id":"a","error":"busy"}]}"#, "busy"),
        (#"[{"deployment_id":"a","status":404,"detail":"not found"}]"#, "not found"),
        (#"{"errors":{"a":"busy"}}"#, "busy"), (#"{"errors":{"a":{"message":"busy"}}}"#, "busy"),
        (#"{"failed":["a"]}"#, nil), (#"{"failed":[{"id":"b","error":"no"}]}"#, nil), ("null", nil),
    ])
    func `the reason stands beside the id or under it`(answer: String, reason: String?) throws {
        let answer = DeletionResponse(answer: try RawJSON(parsing: Data(answer.utf8)))
        #expect(answer.reason(for: DeploymentID("a")) == reason)
    }
}
