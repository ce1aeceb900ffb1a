import Foundation
import Subprocess

/// Unpacks a gzip file with the system's gzip, up to a size.
enum Gunzip {
    /// - Throws: `PlaneError` when the file is no gzip or unpacks to more than `maximumSize` bytes.
    static func unpack(_ archive: URL, to file: URL, maximumSize: Int) async throws {
        guard FileManager.default.createFile(atPath: file.path(percentEncoded: false), contents: nil) else {
            throw PlaneError(.archiveRefused, "cannot write \(file.path())")
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }  // written bytes are checked when they are read
        let result = try await run(
            .name("gzip"), arguments: ["-dc", "--", archive.path(percentEncoded: false)], input: .none,
            output: .sequence, error: .discarded
        ) { execution in
            var size = 0
            for try await buffer in execution.standardOutput {
                size += buffer.count
                guard size <= maximumSize else {
                    throw PlaneError(
                        .archiveRefused, "the source archive unpacks to more than \(maximumSize >> 20) MiB")
                }
                try handle.write(contentsOf: buffer.withUnsafeBytes { Data($0) })
            }
        }
        guard result.terminationStatus.isSuccess else {
            throw PlaneError(.archiveRefused, "the source archive is no gzip file or is damaged")
        }
    }
}
