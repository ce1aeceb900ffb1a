/// Why a program could not be started.
package enum ProcessFailure: Error, Sendable, Equatable {
    case programNotFound
    case workingDirectoryMissing
    case other(String)
}
