/// What a child may take of the machine; a shell line sets it, changes to the folder and becomes the command.
struct ResourceLimits: Sendable {
    /// Of the address space, in KiB; nil for no limit.
    var memory: Int?

    /// 2 GiB: a LangGraph server takes 130 MB, and an agent that leaks is ended before the machine is.
    static let agent = ResourceLimits(memory: 2 * 1024 * 1024)
    /// Compilers and package tools map far more than they use.
    static let build = ResourceLimits(memory: nil)

    static let shell = "/bin/sh"

    func wrap(_ argv: [String], in folder: String) -> [String] {
        // A limit that is lower already cannot be raised, and need not be.
        let memory = memory.map { "ulimit -v \($0) 2>/dev/null || :; " } ?? ""
        return [
            Self.shell, "-c", "ulimit -c 0; \(memory)cd \"$1\" && unset OLDPWD && shift && exec \"$@\"", "sh", folder,
        ] + argv
    }
}
