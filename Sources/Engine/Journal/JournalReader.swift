package import FoundationEssentials

/// The events of a journal file.
package struct JournalReader: Sendable {
    package let events: [RunEvent]
    /// How many bytes of the file are whole lines; a crash may leave a torn line after them.
    package let validLength: Int

    /// Reads a journal; events of types this version does not know are passed over.
    ///
    /// Throws `JournalError` naming the line when one before the last is no event.
    package init(_ data: Data) throws {
        var events: [RunEvent] = []
        var start = data.startIndex
        var number = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            number += 1
            if let event = try Self.event(data[start..<end], line: number) { events.append(event) }
            start = data.index(after: end)
        }
        self.events = events
        validLength = start - data.startIndex
    }

    private struct TypeOnly: Decodable {
        var type: String
    }

    private static func event(_ line: Data, line number: Int) throws -> RunEvent? {
        let decoder = JSONDecoder()
        do {
            let type = try decoder.decode(TypeOnly.self, from: line).type
            guard RunEvent.Payload.Tag(rawValue: type) != nil else { return nil }
            return try decoder.decode(RunEvent.self, from: line)
        } catch {
            throw JournalError("line \(number) is no event of a run")
        }
    }
}
