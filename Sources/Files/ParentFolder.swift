/// The folder that a file lies in, as its path says.
package enum ParentFolder {
    /// "." for a bare name.
    package static func path(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}
