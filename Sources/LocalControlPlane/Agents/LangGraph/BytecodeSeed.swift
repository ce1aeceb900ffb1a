import Foundation
import Glibc

/// Gives a fresh environment the bytecode that an earlier one has compiled: its first start is as quick as a later one.
///
/// By hard links, which is safe: Python holds each file against the time and size of its source, and replaces what does
/// not fit without writing into it.
struct BytecodeSeed {
    let earlier: VirtualEnvironment
    let fresh: VirtualEnvironment

    /// What cannot be linked is left for Python to compile.
    func callAsFunction() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: library(of: earlier))) ?? [] {
            let place = "\(name)/site-packages"
            let from = "\(library(of: earlier))/\(place)"
            let into = "\(library(of: fresh))/\(place)"
            // Another version of Python has another folder, and nothing that could be used here.
            guard files.fileExists(atPath: into) else { continue }
            link(from, into)
        }
    }

    private func library(of environment: VirtualEnvironment) -> String {
        environment.folder.appending(path: "lib").path
    }

    private func link(_ from: String, _ into: String) {
        var lastFolder = ""
        for path in (try? FileManager.default.subpathsOfDirectory(atPath: from)) ?? [] where path.hasSuffix(".pyc") {
            guard let slash = path.range(of: "/", options: .backwards) else { continue }
            let folder = String(path[..<slash.lowerBound])
            if folder != lastFolder {
                // Fails where it is there already, and where the package is not.
                _ = mkdir("\(into)/\(folder)", 0o755)
                lastFolder = folder
            }
            _ = Glibc.link("\(from)/\(path)", "\(into)/\(path)")
        }
    }
}
