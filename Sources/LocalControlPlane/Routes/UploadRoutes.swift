import Clocks
import ControlPlaneTypes
import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Receives source archives: returns a signed URL, then streams the archive to disk.
struct UploadRoutes: Sendable {
    /// LangSmith's limit.
    private static let maximumBytes = 209_715_200

    let store: Store
    let state: PlaneDirectory
    let signer: UploadSigner
    let lookup: ResourceLookup
    let ids: @Sendable () -> String
    let clock: any RunClock

    func add(to router: some RouterMethods<APIRequestContext>) {
        router.post("/v2/deployments/:deployment_id/upload-url", use: makeURL)
    }

    /// The signature in the URL replaces the API key.
    func addUnauthenticated(to router: some RouterMethods<APIRequestContext>) {
        router.put("/uploads/:deployment_id/:object", use: receive)
    }

    @Sendable private func makeURL(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let deployment = try await lookup.deployment(context)
        let body = try await BodyReader.read(request, allowingNone: true)
        let wantsHeaders = body.boolean("supports_upload_headers") ?? false
        try body.validate()
        try lookup.checkNotDeleted(deployment)
        let path = "uploads/\(deployment.id)/\(ids()).tar.gz"
        try await store.save(UploadRecord(objectPath: path, deploymentID: deployment.id, createdAt: clock.date))
        let origin = "http://\(request.head.authority ?? "127.0.0.1")"
        return try Response(
            json: UploadTarget(
                uploadURL: "\(origin)/\(path)?\(signer.query(for: path, now: clock.date))", objectPath: path,
                uploadHeaders: wantsHeaders ? ["Content-Type": "application/gzip"] : nil))
    }

    @Sendable private func receive(_ request: Request, _ context: APIRequestContext) async throws -> Response {
        let path = "uploads/\(try context.uuid("deployment_id"))/\(context.parameters.get("object") ?? "")"
        let query = QueryReader(request)
        guard
            signer.accepts(
                path, expires: query.string("expires"), signature: query.string("signature"), now: clock.date),
            var upload = try await store.upload(path)
        else { throw APIProblem(.forbidden, "The upload URL is invalid or has expired.") }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > Self.maximumBytes {
            throw Self.tooLarge
        }
        upload.size = try await receive(request.body, into: state.root.appending(path: path))
        try await store.save(upload)
        return Response(status: .ok)
    }

    /// Writes the complete file to disk.
    ///
    /// - Returns: the size in bytes.
    private func receive(_ body: RequestBody, into file: URL) async throws -> Int64 {
        let partial = file.appendingPathExtension("part")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: partial)
        let handle = try FileHandle(forWritingTo: partial)
        do {
            var size = 0
            var head = Data()
            for try await buffer in body {
                size += buffer.readableBytes
                guard size <= Self.maximumBytes else { throw Self.tooLarge }
                if head.count < 2 { head += buffer.readableBytesView.prefix(2) }
                try handle.write(contentsOf: buffer.readableBytesView)
            }
            guard head.starts(with: [0x1f, 0x8b]) else {
                throw APIProblem.badRequest("The upload is not a gzip archive.")
            }
            try handle.synchronize()
            try handle.close()
            guard rename(partial.path(), file.path()) == 0 else { throw CocoaError(.fileWriteUnknown) }
            return Int64(size)
        } catch {
            try? handle.close()  // the file is removed below
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
    }

    private static var tooLarge: APIProblem {
        APIProblem(.contentTooLarge, "The archive is larger than \(maximumBytes) bytes.")
    }
}

/// Signs upload URLs, each of which allows one archive to be uploaded for a limited time.
struct UploadSigner: Sendable {
    /// Seconds during which an upload may start.
    private static let lifetime = 3600.0

    private let key: SymmetricKey

    /// - Parameter key: from the store, so that URLs survive a restart.
    init(key: String) { self.key = SymmetricKey(data: SHA256.hash(data: Data(key.utf8))) }

    static func freshKey() -> String { SymmetricKey(size: .bits256).withUnsafeBytes(\.hexadecimal) }

    /// The query string that signs an upload URL.
    func query(for objectPath: String, now: Date) -> String {
        let expiry = Int(now.timeIntervalSince1970 + Self.lifetime)
        return "expires=\(expiry)&signature=\(signature(objectPath, expiry).hexadecimal)"
    }

    func accepts(_ objectPath: String, expires: String?, signature: String?, now: Date) -> Bool {
        guard let expiry = expires.flatMap(Int.init), let signature, Double(expiry) > now.timeIntervalSince1970 else {
            return false
        }
        // Compares digests, so that the time does not depend on how much of the signature matches.
        let expected = SHA256.hash(data: Data(self.signature(objectPath, expiry).hexadecimal.utf8))
        return SHA256.hash(data: Data(signature.utf8)) == expected
    }

    private func signature(_ objectPath: String, _ expiry: Int) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data("\(objectPath)\n\(expiry)".utf8), using: key)
    }
}
