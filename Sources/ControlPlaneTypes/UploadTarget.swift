package struct UploadURLRequest: Codable, Sendable {
    package var supportsUploadHeaders = true

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case supportsUploadHeaders = "supports_upload_headers"
    }
}

/// Where a source archive goes and the name to send back afterwards.
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
