/// What was written.
package struct ArchiveInfo: Equatable, Sendable {
    /// Compressed, in bytes.
    package let size: Int
    /// Files and symbolic links; folders are not counted.
    package let fileCount: Int
}
