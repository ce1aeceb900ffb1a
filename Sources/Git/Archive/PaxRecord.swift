/// One `length key=value` line of a pax extended header (POSIX.1-2001).
struct PaxRecord: Equatable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    /// The length counts its own digits.
    var bytes: [UInt8] {
        let rest = " \(key)=\(value)\n"
        let base = rest.utf8.count
        var length = base
        while base + String(length).utf8.count != length { length = base + String(length).utf8.count }
        return Array("\(length)\(rest)".utf8)
    }
}
