/// The hash function of a repository.
enum ObjectFormat: String, Sendable {
    case sha1
    case sha256

    init(of commit: CommitID) {
        self = commit.description.utf8.count == 64 ? .sha256 : .sha1
    }

    /// The configuration of a bare repository of this format.
    var configuration: String {
        switch self {
        case .sha1: "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
        case .sha256:
            "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
        }
    }
}
