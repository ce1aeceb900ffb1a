import Engine
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A pipe into a program that ends when nobody holds this end of it any more, so that it does not stay behind even
/// when this process is killed.
struct ParentDeathPipe: Sendable {
    /// For the program's standard input.
    let input: FileDescriptor
    private let held: FileDescriptor

    init() throws {
        do {
            (input, held) = try FileDescriptor.pipe()
        } catch {
            throw StepFailure(
                .configurationMissing, code: "NoPipe", "cannot make a pipe to the local control plane: \(error)",
                hint: "see how many files may be open: ulimit -n")
        }
        // Another program that begins meanwhile must not hold it too.
        for end in [input, held] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    func release() {
        try? held.close()
    }
}
