/// A program that a step started in a session of its own, identified so that a later process with its id is not taken
/// for it.
package struct StartedProgram: Sendable, Hashable, Codable {
    /// Also the id of its session.
    package var processID: Int32
    /// See `ProcessEntry.startTime`.
    package var startTime: UInt64
    /// See `ProcessTable.bootID`.
    package var bootID: String
    package var trackingID: TrackingID

    package init(processID: Int32, startTime: UInt64, bootID: String, trackingID: TrackingID) {
        self.processID = processID
        self.startTime = startTime
        self.bootID = bootID
        self.trackingID = trackingID
    }

    /// Nil when the process is gone.
    package init?(processID: Int32, trackingID: TrackingID) {
        guard let entry = ProcessTable.entry(processID) else { return nil }
        self.init(entry, trackingID: trackingID)
    }

    init(_ entry: ProcessEntry, trackingID: TrackingID) {
        self.init(
            processID: entry.id, startTime: entry.startTime, bootID: ProcessTable.bootID, trackingID: trackingID)
    }

    private enum CodingKeys: String, CodingKey {
        case processID = "process_id"
        case startTime = "start_time"
        case bootID = "boot_id"
        case trackingID = "tracking_id"
    }

    /// The program itself while it runs, without what it started.
    package var entry: ProcessEntry? {
        guard bootID == ProcessTable.bootID, let entry = ProcessTable.entry(processID), isThis(entry), !entry.isZombie
        else { return nil }
        return entry
    }

    private func isThis(_ entry: ProcessEntry) -> Bool { entry.id == processID && entry.startTime == startTime }

    /// Whether a process of the session that has the program's id belongs to the program.
    ///
    /// A session id is not reused while a process of the session is left, but it can be when all are gone. Once the
    /// program itself is gone, a process counts only if its environment does not speak against it: it is empty, or
    /// cannot be read.
    func includes(_ entry: ProcessEntry, leader: ProcessEntry?, environment: InitialEnvironment) -> Bool {
        guard bootID == ProcessTable.bootID, entry.session == processID, entry.startTime >= startTime else {
            return false
        }
        return leader.map(isThis) ?? !environment.isForeign
    }
}

/// Names the attempt of a step in the environment of everything that it starts, so that also a process that left the
/// program's session is found.
package struct TrackingID: Sendable, Hashable, Codable, CustomStringConvertible {
    package static let variable = "SLIPWAY_TRACKING_ID"

    private let parts: [String]

    /// With a step or an attempt that is nil, `isListed` finds all of them.
    package init(run: RunID, job: JobPath? = nil, step: String? = nil, attempt: Int? = nil) {
        let path = [run.rawValue] + (job.map { [$0.text] } ?? []) + [step, attempt.map(String.init)].compactMap(\.self)
        parts = path.map(Self.escaped)
    }

    package var description: String { parts.joined(separator: "/") }

    /// The innermost ID of a value of the variable: that of what started the program itself.
    init?(value: String?) {
        guard let id = value?.split(separator: " ").last else { return nil }
        self.init(text: id)
    }

    package init(from decoder: any Decoder) throws {
        self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    private init(text: some StringProtocol) {
        parts = text.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The value of the variable for a program. A run in a step of another run keeps that step's id too.
    package func value(inheriting inherited: String?) -> String {
        [inherited, description].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Whether a value of the variable has this id, or one that begins with its parts.
    func isListed(in value: String) -> Bool {
        value.split(separator: " ").contains { Self(text: $0).isPart(of: self) }
    }

    /// Whether it is the other one, or names an attempt within it.
    func isPart(of other: TrackingID) -> Bool { parts.starts(with: other.parts) }

    /// Without spaces and slashes, and unambiguous.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || scalar == "-" || scalar == "_" ? String(Character(scalar)) : "%" + String(byte, radix: 16)
        }.joined()
    }
}
