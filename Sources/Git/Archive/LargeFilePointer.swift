/// Recognises the stand-in that Git LFS commits in place of a large file.
enum LargeFilePointer {
    private static let firstLine = "version https://git-lfs.github.com/spec/v1\n"
    /// From the specification: a pointer file is shorter than this (bytes).
    private static let sizeLimit = 1024

    static func refuse(_ contents: UnsafeRawBufferPointer, path: String) throws(GitError) {
        guard contents.count < sizeLimit, contents.starts(with: firstLine.utf8) else { return }
        throw GitError(
            .unarchivableContent, "\(path) is a Git LFS pointer: the commit does not hold the file itself",
            hint: "keep the file outside of Git LFS, or mark it export-ignore in .gitattributes")
    }
}
