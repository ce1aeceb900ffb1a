/// What the command line asks of a control plane.
struct PlaneConfiguration: Sendable {
    var host = "127.0.0.1"
    /// 0 takes the port of the last run when it is free, else any.
    var port = 0
    var allowsRemote = false
    var state: String
    /// Served beside those that the state remembers.
    var repositories: [String] = []
    var environment: [String: String] = [:]
    var policy = PlanePolicy()

    /// - Throws: `PlaneError` for an address that others can reach, unless that was asked for.
    func checkHost() throws {
        let loopback = ["127.0.0.1", "localhost", "::1"]
        guard allowsRemote || loopback.contains(host) else {
            throw PlaneError(
                .usage, "\(host) is not a loopback address",
                hint: "whoever reaches the control plane may run code here; --allow-remote if that is wanted")
        }
    }
}
