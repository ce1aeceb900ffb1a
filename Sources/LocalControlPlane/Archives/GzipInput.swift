import CZlib
import Foundation

/// The uncompressed bytes of a gzip file, read from front to end.
final class GzipInput {
    private static let chunk = 1 << 20

    private let file: gzFile

    /// - Throws: `PlaneError` when the file cannot be opened.
    init(_ url: URL) throws {
        guard let file = gzopen(url.path(percentEncoded: false), "rbe") else {
            throw PlaneError(
                .archiveRefused, "the uploaded source cannot be read: \(String(cString: strerror(errno)))",
                hint: "upload it again")
        }
        self.file = file
    }

    deinit {
        // Only read from: closing can lose nothing.
        gzclose(file)
    }

    /// Fewer bytes than asked for only at the end.
    ///
    /// - Throws: `PlaneError` when the file is damaged or cut short.
    func read(atMost count: Int) throws -> Data {
        var data = Data(count: count)
        let read = data.withUnsafeMutableBytes { gzread(file, $0.baseAddress, UInt32(count)) }
        var code: Int32 = 0
        // A cut-off file is noticed at its end, which gzread alone does not call an error.
        gzerror(file, &code)
        guard read >= 0, code == Z_OK || code == Z_STREAM_END else {
            throw PlaneError(.archiveRefused, "the source archive is no gzip file or is damaged")
        }
        return data.prefix(Int(read))
    }

    func skip(_ count: Int) throws {
        var rest = count
        while rest > 0 {
            let skipped = try read(atMost: min(rest, Self.chunk)).count
            guard skipped > 0 else { throw TarReader.malformed("it ends within a file") }
            rest -= skipped
        }
    }
}
