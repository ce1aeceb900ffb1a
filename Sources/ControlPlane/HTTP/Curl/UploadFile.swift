import Glibc

/// A file that goes out as a request body, read piece by piece.
final class UploadFile {
    private let descriptor: CInt
    private var remaining: Int

    init(path: String, size: Int) throws(TransportError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        remaining = size
        guard descriptor >= 0 else {
            throw TransportError(
                .invalidRequest, "cannot read \(path): \(String(cString: strerror(errno)))",
                mayHaveBeenProcessed: false)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Fills `buffer` as far as it can; nil when the file cannot be read or has become shorter than announced.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard remaining > 0 else { return 0 }
        let count = Glibc.read(descriptor, buffer.baseAddress, min(buffer.count, remaining))
        guard count > 0 else { return nil }
        remaining -= count
        return count
    }
}
