import CZlib
import Foundation

/// Builds tar.gz archives byte by byte, also such as no honest tool makes.
struct TarArchive {
    private var bytes = Data()

    mutating func add(_ name: String, type: Character = "0", link: String = "", mode: Int = 0o644, _ text: String = "")
    {
        let contents = Data(text.utf8)
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        func octal(_ number: Int, width: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(String(name.prefix(100)), at: 0)
        put(octal(mode, width: 7), at: 100)
        put(octal(contents.count, width: 11), at: 124)
        put("        ", at: 148)
        put(String(type), at: 156)
        put(String(link.prefix(100)), at: 157)
        put("ustar\u{0}00", at: 257)
        put(octal(header.reduce(0) { $0 + Int($1) }, width: 6) + "\u{0} ", at: 148)
        bytes += header + contents + Data(count: (512 - contents.count % 512) % 512)
    }

    /// A pax header for the next member.
    mutating func addPax(_ key: String, _ value: String) {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count
        while "\(length)\(rest)".utf8.count != length { length = "\(length)\(rest)".utf8.count }
        add("pax", type: "x", "\(length)\(rest)")
    }

    func write(to file: URL, cutTo count: Int? = nil) throws {
        let gzip = gzopen(file.path(percentEncoded: false), "wb")
        let whole = bytes + Data(count: 1024)
        let written = Data(whole.prefix(count ?? whole.count))
        _ = written.withUnsafeBytes { gzwrite(gzip, $0.baseAddress, UInt32($0.count)) }
        gzclose(gzip)
    }
}
