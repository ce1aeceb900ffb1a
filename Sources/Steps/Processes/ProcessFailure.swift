/// Why a program could not be started.
package enum ProcessFailure: Error, Sendable, Equatable {
    case programNotFound
    /// There is something of that name, but it cannot be run.
    case programUnusable(path: String, Fault)
    case workingDirectoryMissing
    case other(String)

    package enum Fault: Sendable, Equatable {
        case isFolder
        case notExecutable
        /// What the first line of a script names, or what loads a program, is not there.
        case interpreterMissing
    }
}
