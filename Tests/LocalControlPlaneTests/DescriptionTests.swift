import ControlPlaneTypes
import Foundation
import HTTPTypes
import Hummingbird
import TestSupport
import Testing

@testable import LocalControlPlane

/// The description that the plane serves, against what it really serves. That every answer fits it is checked by
/// `ServerFixture`, in all tests.
@Suite struct DescriptionTests {
    @Test func `anyone may read it, and it is the project's file`() async throws {
        try await ServerFixture.withIdle { fixture in
            let answer = try await fixture.send(.get, "/openapi.json", key: nil)
            #expect(answer.status == 200 && answer.headers[.contentType] == "application/json")
            #expect(try answer.bytes == Data(contentsOf: OpenAPIDocument.file))
        }
    }

    @Test func `it has exactly the routes of the plane`() async throws {
        let document = try OpenAPIDocument.project.get()
        let documented = Set(document.operations.map { "\($0.method) \($0.template)" })
        try await ServerFixture.withIdle { fixture in
            let router = fixture.components.router(refusingOtherMethods: false)
            let served = Set(
                router.routes.map { route in
                    let path = route.path.description.replacing(#/\{([^}]*)\}|:([a-z_]+)/#) { match in
                        "{\(match.output.1 ?? match.output.2 ?? "")}"
                    }
                    return "\(route.method.rawValue) \(path)"
                })
            #expect(served.subtracting(documented) == [], "not documented")
            #expect(documented.subtracting(served) == [], "not served")
        }
    }

    @Test func `what it says to be public needs no key, all else does`() async throws {
        let document = try OpenAPIDocument.project.get()
        let id = "11111111-1111-4111-8111-111111111111"
        try await ServerFixture.withIdle { fixture in
            for operation in document.operations {
                let path = operation.template.replacing(#/\{[a-z_]+\}/#, with: id)
                let method = try #require(RouterClient.Method(rawValue: operation.method.lowercased()))
                let answer = try await fixture.send(method, path, key: nil)
                #expect((answer.status == 401) == !operation.isPublic, "\(operation.method) \(path)")
            }
        }
    }
}
