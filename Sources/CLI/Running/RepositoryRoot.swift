import FoundationEssentials
import Git

/// The repository we stand in, which the local plane serves.
enum RepositoryRoot {
    /// Nil when there is none; what is wrong with it is the first step's to tell.
    @Sendable static func find() async -> String? {
        try? await Repository.open(containing: FileManager.default.currentDirectoryPath).root
    }
}
