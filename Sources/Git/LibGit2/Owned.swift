/// A pointer that libgit2 made, freed when it goes out of scope.
struct Owned: ~Copyable {
    typealias Release = (OpaquePointer?) -> Void

    let pointer: OpaquePointer
    private let release: Release

    /// - Parameters:
    ///   - action: what the pointer is wanted for, as an error text begins.
    ///   - make: fills in the pointer and returns libgit2's code.
    init(
        _ release: @escaping Release, _ action: @autoclosure () -> String, _ make: (inout OpaquePointer?) -> Int32
    ) throws(GitError) {
        var made: OpaquePointer?
        try LibGit2.check(make(&made), action())
        guard let made else { throw GitError(.other, "\(action()): libgit2 returned nothing") }
        pointer = made
        self.release = release
    }

    deinit { release(pointer) }
}
