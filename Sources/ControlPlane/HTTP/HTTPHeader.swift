/// A header field; describes itself without its value, which may be a key.
package struct HTTPHeader: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package var description: String { "\(name): ***" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }

    /// Whether it can go out as it is: a line break in it would start a header of its own.
    var isWellFormed: Bool {
        !name.isEmpty && (name + value).unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}
