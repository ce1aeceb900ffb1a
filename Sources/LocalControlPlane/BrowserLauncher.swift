import Foundation
import Glibc
import Processes

/// Opens a link in a browser, by way of a private file: the arguments of a program are seen by every user.
struct BrowserLauncher {
    let environment: [String: String]
    let stateFolder: String

    /// Says on standard error what to do where it cannot.
    func open(_ link: String) {
        guard let program = Self.find(environment["PATH"] ?? "") else {
            return say("note: no browser found (xdg-open); open the link by hand")
        }
        do {
            let page = try write(link)
            let null = Glibc.open("/dev/null", O_WRONLY | O_CLOEXEC)
            defer { close(null) }
            _ = try SessionProcess(argv: [program, page.path], folder: "/", environment: environment, output: null)
        } catch {
            say("note: cannot open a browser: \(error); open the link by hand")
        }
    }

    private func write(_ link: String) throws -> URL {
        let folder = URL(filePath: stateFolder).appending(path: "dashboard")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let page = folder.appending(path: "open.html")
        let text = """
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">
            <title>slipway</title><meta http-equiv="refresh" content="0;url=\(link)"><p><a href="\(link)">Open</a></p></html>

            """
        try PrivateFile.write(Data(text.utf8), to: page)
        return page
    }

    static func find(_ searchPath: String) -> String? {
        let folders = searchPath.split(separator: ":")
        return ["xdg-open", "open"].flatMap { name in folders.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
