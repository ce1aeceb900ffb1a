package import FoundationEssentials

/// An event of a run. A run is the list of its events: state and reports are reduced from it.
///
/// In JSON an event is one flat object: the keys of the envelope, `type`, and the keys of the payload.
package struct RunEvent: Sendable {
    /// The version of the JSON form of an event; readers ignore unknown fields.
    package static let formatVersion = 1

    /// The format of journals; a run cannot be resumed from a journal of another one.
    ///
    /// In format 1 the steps of a deploy had single inputs; format 2 has the deploy plan.
    package static let journalFormat = 2

    package var sequence: Int
    package var date: Date
    package var runID: RunID
    package var payload: any EventPayload

    package init(sequence: Int, date: Date, runID: RunID, payload: any EventPayload) {
        self.sequence = sequence
        self.date = date
        self.runID = runID
        self.payload = payload
    }

    func restored(by restorer: SecretRestorer) -> RunEvent {
        RunEvent(sequence: sequence, date: date, runID: runID, payload: payload.restored(by: restorer))
    }

    /// The event as a line of a journal, with sorted keys.
    var line: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + [UInt8(ascii: "\n")]
        }
    }
}

extension RunEvent: Equatable {
    package static func == (left: RunEvent, right: RunEvent) -> Bool {
        left.sequence == right.sequence && left.date == right.date && left.runID == right.runID
            && left.payload.isEqual(to: right.payload)
    }
}

extension RunEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case date = "ts"
        case sequence = "seq"
        case type
        case runID = "run_id"
    }

    package init(from decoder: any Decoder) throws {
        let envelope = try decoder.container(keyedBy: CodingKeys.self)
        sequence = try envelope.decode(Int.self, forKey: .sequence)
        runID = try envelope.decode(RunID.self, forKey: .runID)
        let stamp = try envelope.decode(String.self, forKey: .date)
        guard let parsed = EventTimestamp.date(from: stamp) else {
            throw DecodingError.dataCorruptedError(
                forKey: .date, in: envelope, debugDescription: "invalid RFC 3339 time '\(stamp)'")
        }
        date = parsed
        let type = try envelope.decode(String.self, forKey: .type)
        guard let payloadType = EventTable.type(named: type) else {
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: envelope, debugDescription: "unknown event type '\(type)'")
        }
        payload = try payloadType.init(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var envelope = encoder.container(keyedBy: CodingKeys.self)
        try envelope.encode(Self.formatVersion, forKey: .version)
        try envelope.encode(EventTimestamp.text(from: date), forKey: .date)
        try envelope.encode(sequence, forKey: .sequence)
        try envelope.encode(Swift.type(of: payload).type, forKey: .type)
        try envelope.encode(runID, forKey: .runID)
        try payload.encode(to: encoder)
    }
}

/// The id of a run: sortable by start, safe as a directory name.
package struct RunID: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// RFC 3339 in UTC with milliseconds, the form of every time in journals and reports.
package enum EventTimestamp {
    package static func text(from date: Date) -> String {
        // Rounded, so that a timestamp that is parsed and formatted again stays the same.
        let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        let (seconds, fraction) = milliseconds.floored(by: 1000)
        let whole = Date(timeIntervalSince1970: Double(seconds))
        return whole.formatted(.iso8601).dropLast() + ".\(String(1000 + fraction).dropFirst())Z"
    }

    package static func date(from text: String) -> Date? {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, parts[1].hasSuffix("Z") else { return nil }
        let digits = parts[1].dropLast()
        // Double alone would also accept an exponent, and so a time that no calendar has.
        guard digits.allSatisfy({ ("0"..."9").contains($0) }), let fraction = Double("0." + digits),
            let whole = try? Date(parts[0] + "Z", strategy: .iso8601)
        else { return nil }
        return whole.addingTimeInterval(fraction)
    }
}

extension Int64 {
    /// Quotient and remainder, the remainder never negative.
    fileprivate func floored(by divisor: Int64) -> (Int64, Int64) {
        let remainder = (self % divisor + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}
