import Foundation

/// The control plane that has a state directory, as its files describe it.
struct StateHolder {
    let state: PlaneDirectory

    /// The error for another control plane that is to use the directory: who has it, and whether it is ready.
    func refusal() async -> ServerError {
        // The files only describe the holder; it may not have written them yet.
        let pid = (try? String(contentsOf: state.lock, encoding: .utf8)).flatMap { Int32($0) }
        let file = (try? Data(contentsOf: state.addressFile))
            .flatMap { try? JSONDecoder().decode(AddressFile.self, from: $0) }
        let name = pid.map { "pid \($0)" } ?? "another process"
        guard let file, file.pid == pid else { return refusal("\(name), which is starting", Self.wait) }
        guard await isListening(file.url) else { return refusal("\(name), which is stopping", Self.wait) }
        return file.endsWithInput
            ? refusal("\(name), which another slipway command started at \(file.url)", Self.waitForCommand)
            : refusal("\(name), which listens on \(file.url)", Self.stop(file.pid))
    }

    private func refusal(_ holder: String, _ hint: String) -> ServerError {
        ServerError(.locked, "state directory \(state.root.path()) is in use by \(holder)", hint: hint)
    }

    private static let wait = "try again in a few seconds, or use another state directory"
    private static let waitForCommand = "wait for the end of that command, or use another state directory"

    private static func stop(_ pid: Int32) -> String {
        "use it with --control-plane local, stop it with kill \(pid), or use another state directory"
    }

    /// It closes its port first when it stops.
    private func isListening(_ url: String) async -> Bool {
        guard let address = URLComponents(string: url), let host = address.host, let port = address.port else {
            return true
        }
        let bare = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return await !FreePort.isFree(port, host: bare)
    }
}
