import Foundation

struct GitRepositoryAccess: RepositoryAccess {
    func root(of path: String) throws -> String { path }
    func remoteURLs(at path: String) throws -> [String] { [] }
    func defaultBranch(at path: String) throws -> String? { nil }
    func commit(named ref: String, at path: String) throws -> String? { nil }
    func checkOut(_ commit: String, of path: String, into folder: URL) throws {}
}
