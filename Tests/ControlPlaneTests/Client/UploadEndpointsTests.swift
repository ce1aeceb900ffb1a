import ControlPlaneTypes
import FoundationEssentials
import TestSupport
import Testing

@testable import ControlPlane

@Suite struct UploadTests {
    let fixture: ClientFixture

    init() throws {
        fixture = try ClientFixture()
    }

    private func upload(_ headers: [String: String]?, url: String = "https://storage.test/o?sig=s") async throws {
        try await fixture.client.upload(
            archive: "/tmp/a.tar.gz", size: 3,
            to: UploadTarget(uploadURL: url, objectPath: "o", uploadHeaders: headers))
    }

    @Test func `an upload URL may be requested again`() async throws {
        fixture.stub.on(
            .post, "/api-host/v2/deployments/d1/upload-url",
            .json(#"{"upload_url":"https://storage.test/o","object_path":"o","upload_headers":{"a":"b"}}"#))
        let target = try await fixture.client.requestUpload(for: "d1")
        #expect(target.uploadHeaders == ["a": "b"])
        #expect(try fixture.sentBody() == #"{"supports_upload_headers":true}"#)
        #expect(fixture.stub.requests.last?.isRepeatable == true)
    }

    @Test func `row 54: the key is never sent to the storage`() async throws {
        for url in ["https://storage.test/o?sig=s", "https://plane.test/api-host/o"] {
            fixture.stub.on(.put, url.contains("storage") ? "/o" : "/api-host/o", .status(200))
            try await upload(nil, url: url)
        }
        for request in fixture.stub.requests {
            #expect(!request.headers.contains { $0.value.contains(ClientFixture.key) })
            #expect(!request.headers.contains { ["x-api-key", "x-tenant-id"].contains($0.name.lowercased()) })
        }
    }

    @Test func `the size is limited by the given headers, else by the default header`() async throws {
        fixture.stub.onEvery(.put, "/o", .status(200))
        try await upload(nil)
        #expect(
            fixture.stub.requests.last?.headers == [
                HTTPHeader("Content-Type", "application/gzip"),
                HTTPHeader("X-Goog-Content-Length-Range", "0,209715200"),
            ])
        try await upload(["X-B": "2", "X-A": "1", "content-type": "text/plain"])
        #expect(
            fixture.stub.requests.last?.headers == [
                HTTPHeader("Content-Type", "application/gzip"), HTTPHeader("X-A", "1"), HTTPHeader("X-B", "2"),
            ])
    }

    @Test func `a rejection by the storage mentions neither the key nor the signature`() async throws {
        fixture.stub.on(.put, "/o", .status(403, body: "<Error>expired</Error>"))
        let error = await #expect(throws: ControlPlaneError.self) { try await upload(nil) }
        #expect(error?.kind == .rejected)
        #expect(error?.hint?.contains("LANGSMITH_API_KEY") == false)
        #expect(error?.message.contains("sig=s") == false)
    }

    @Test func `row 17: an upload may take long, but not without progress`() async throws {
        fixture.stub.on(.put, "/o", .status(200))
        try await upload(nil)
        let limits = try #require(fixture.stub.requests.last).limits
        #expect(limits.total == nil && limits.firstByte == nil)
        #expect(limits.idle == .seconds(60))
    }

    @Test func `row 54: a redirect that an upload cannot follow is told as the storage's`() async throws {
        fixture.stub.on(.put, "/o", .status(301), .fails(.crossOriginRedirect))
        for _ in 0..<2 {
            let error = await #expect(throws: ControlPlaneError.self) { try await upload(nil) }
            #expect(error?.kind == .redirected)
            #expect(error?.message.contains("storage.test") == true)
            #expect(error?.hint?.contains("--control-plane") == false)
        }
        #expect(fixture.stub.requests.allSatisfy { $0.redirects == .toAnyOrigin })
    }

    @Test func `an unreadable archive is not a network error`() async throws {
        fixture.stub.on(.put, "/o", .fails(.invalidRequest, mayHaveBeenProcessed: false))
        let error = await #expect(throws: ControlPlaneError.self) { try await upload(nil) }
        #expect(error?.kind == .unreadableFile)
    }
}
