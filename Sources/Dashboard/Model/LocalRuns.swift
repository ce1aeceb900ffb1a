import Foundation

/// The runs whose journals are in the state directory.
struct LocalRuns: Sendable {
    /// As many as are kept.
    private static let shown = 50

    private let folder: String

    init(stateFolder: String) { folder = stateFolder + "/runs" }

    /// Newest first: their ids begin with the time.
    var ids: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let journals = names.filter {
            Self.isID($0) && FileManager.default.fileExists(atPath: "\(folder)/\($0)/journal.jsonl")
        }
        return Array(journals.sorted(by: >).prefix(Self.shown))
    }

    private static func isID(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                    true
                default: false
                }
            } && !name.hasPrefix("-")
    }
}
