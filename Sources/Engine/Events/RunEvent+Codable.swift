import FoundationEssentials
import WorkflowModel

extension RunEvent.Payload {
    /// The payload as the value to encode, and its `type` on the wire.
    var tagged: (type: Tag, value: any Encodable & Sendable) {
        switch self {
        case .runStarted(let value): (.runStarted, value)
        case .runCancelled(let value): (.runCancelled, value)
        case .runFinished(let value): (.runFinished, value)
        case .jobStarted(let value): (.jobStarted, value)
        case .jobFinished(let value): (.jobFinished, value)
        case .stepStarted(let value): (.stepStarted, value)
        case .stepFinished(let value): (.stepFinished, value)
        case .outputRecorded(let value): (.outputRecorded, value)
        case .effectIntended(let value): (.effectIntended, value)
        case .noted(let value): (.noted, value)
        case .logged(let value): (.logged, value)
        case .commitRead(let value): (.commitRead, value)
        case .deploymentSeen(let value): (.deploymentSeen, value)
        case .revisionSeen(let value): (.revisionSeen, value)
        case .rollbackSeen(let value): (.rollbackSeen, value)
        case .requestsCounted(let value): (.requestsCounted, value)
        }
    }

    init(_ tag: Tag, from decoder: any Decoder) throws {
        switch tag {
        case .runStarted: self = .runStarted(try RunStarted(from: decoder))
        case .runCancelled: self = .runCancelled(try RunCancelled(from: decoder))
        case .runFinished: self = .runFinished(try RunFinished(from: decoder))
        case .jobStarted: self = .jobStarted(try JobStarted(from: decoder))
        case .jobFinished: self = .jobFinished(try JobFinished(from: decoder))
        case .stepStarted: self = .stepStarted(try StepStarted(from: decoder))
        case .stepFinished: self = .stepFinished(try StepFinished(from: decoder))
        case .outputRecorded: self = .outputRecorded(try OutputRecorded(from: decoder))
        case .effectIntended: self = .effectIntended(try EffectIntended(from: decoder))
        case .noted: self = .noted(try Noted(from: decoder))
        case .logged: self = .logged(try Logged(from: decoder))
        case .commitRead: self = .commitRead(try CommitRead(from: decoder))
        case .deploymentSeen: self = .deploymentSeen(try DeploymentSeen(from: decoder))
        case .revisionSeen: self = .revisionSeen(try RevisionSeen(from: decoder))
        case .rollbackSeen: self = .rollbackSeen(try RollbackSeen(from: decoder))
        case .requestsCounted: self = .requestsCounted(try RequestsCounted(from: decoder))
        }
    }

    enum Tag: String, Codable, CaseIterable {
        case runStarted = "run.started"
        case runCancelled = "run.cancelled"
        case runFinished = "run.finished"
        case jobStarted = "job.started"
        case jobFinished = "job.finished"
        case stepStarted = "step.started"
        case stepFinished = "step.finished"
        case outputRecorded = "step.output"
        case effectIntended = "step.effect"
        case noted = "step.note"
        case logged = "step.log"
        case commitRead = "commit.read"
        case deploymentSeen = "deployment.seen"
        case revisionSeen = "revision.seen"
        case rollbackSeen = "rollback.seen"
        case requestsCounted = "requests.counted"
    }
}

extension RunEvent {
    /// The event as a line of a journal, its keys in order.
    var line: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + [UInt8(ascii: "\n")]
        }
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
                forKey: .date, in: envelope, debugDescription: "'\(stamp)' is no RFC 3339 time")
        }
        date = parsed
        payload = try Payload(try envelope.decode(Payload.Tag.self, forKey: .type), from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        let (type, value) = payload.tagged
        var envelope = encoder.container(keyedBy: CodingKeys.self)
        try envelope.encode(Self.formatVersion, forKey: .version)
        try envelope.encode(EventTimestamp.text(from: date), forKey: .date)
        try envelope.encode(sequence, forKey: .sequence)
        try envelope.encode(type, forKey: .type)
        try envelope.encode(runID, forKey: .runID)
        try value.encode(to: encoder)
    }
}
