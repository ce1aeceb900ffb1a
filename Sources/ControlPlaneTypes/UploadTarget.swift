/// The body of `POST /v2/deployments/{id}/upload-url`.
package struct UploadURLRequest: Codable, Sendable {
    package var supportsUploadHeaders = true

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case supportsUploadHeaders = "supports_upload_headers"
    }
}

/// The URL for uploading a source archive, and the path that names it in a revision.
package struct UploadTarget: Codable, Sendable {
    package var uploadURL: String
    package var objectPath: String
    package var uploadHeaders: [String: String]?

    package init(uploadURL: String, objectPath: String, uploadHeaders: [String: String]?) {
        self.uploadURL = uploadURL
        self.objectPath = objectPath
        self.uploadHeaders = uploadHeaders
    }

    private enum CodingKeys: String, CodingKey {
        case uploadURL = "upload_url"
        case objectPath = "object_path"
        case uploadHeaders = "upload_headers"
    }
}
