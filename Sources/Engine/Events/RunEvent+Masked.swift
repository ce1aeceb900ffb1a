import WorkflowModel

extension RunEvent.Payload {
    /// The payload without secrets, in every text that somebody outside this program had a hand in.
    func masked(by mask: SecretMask) -> RunEvent.Payload {
        switch self {
        case .runStarted(let start): .runStarted(start.masked(by: mask))
        case .stepFinished(let end): .stepFinished(end.masked(by: mask))
        case .jobFinished(let end): .jobFinished(end.masked(by: mask))
        case .outputRecorded(let output): .outputRecorded(output.masked(by: mask))
        case .effectIntended(let intent): .effectIntended(intent.masked(by: mask))
        case .noted(let note): .noted(note.masked(by: mask))
        case .logged(let log): .logged(log.masked(by: mask))
        case .commitRead(let commit): .commitRead(commit.masked(by: mask))
        case .deploymentSeen(let deployment): .deploymentSeen(deployment.masked(by: mask))
        case .revisionSeen(let revision): .revisionSeen(revision.masked(by: mask))
        case .rollbackSeen(let rollback): .rollbackSeen(rollback.masked(by: mask))
        case .requestsCounted(let requests): .requestsCounted(requests.masked(by: mask))
        case .jobStarted(let start): .jobStarted(start.masked(by: mask))
        case .stepStarted(let start): .stepStarted(start.masked(by: mask))
        case .runCancelled, .runFinished: self
        }
    }
}

extension SecretMask {
    fileprivate func redact(_ text: String?) -> String? { text.map { redact($0) } }

    fileprivate func redact(_ value: Value) -> Value { value.mapTexts { redact($0) } }
}

extension RunStarted {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.inputs = inputs.mapValues { mask.redact($0) }
        masked.flags = flags?.mapValues { mask.redact($0) }
        return masked
    }
}

extension JobStarted {
    fileprivate func masked(by mask: SecretMask) -> Self {
        JobStarted(job: job, environment: mask.redact(environment))
    }
}

extension StepStarted {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.name = mask.redact(name)
        return masked
    }
}

extension StepFinished {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.failure = failure?.masked(by: mask)
        masked.name = mask.redact(name)
        return masked
    }
}

extension JobFinished {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.failure = failure?.masked(by: mask)
        masked.outputs = outputs?.mapValues { mask.redact($0) }
        return masked
    }
}

extension OutputRecorded {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.value = mask.redact(value)
        return masked
    }
}

extension EffectIntended {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.facts = facts.mapValues { mask.redact($0) }
        return masked
    }
}

extension Noted {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.message = mask.redact(message)
        return masked
    }
}

extension Logged {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.lines = lines.map { mask.redact($0) }
        return masked
    }
}

extension CommitRead {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        (masked.ref, masked.branch, masked.tag) = (mask.redact(ref), mask.redact(branch), mask.redact(tag))
        (masked.remoteURL, masked.subject) = (mask.redact(remoteURL), mask.redact(subject))
        return masked
    }
}

extension DeploymentSeen {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.name = mask.redact(name)
        masked.url = mask.redact(url)
        masked.dashboardURL = mask.redact(dashboardURL)
        return masked
    }
}

extension RevisionSeen {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.status = mask.redact(status)
        masked.commitSHA = mask.redact(commitSHA)
        return masked
    }
}

extension RollbackSeen {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        masked.reason = mask.redact(reason)
        return masked
    }
}

extension RequestsCounted {
    fileprivate func masked(by mask: SecretMask) -> Self {
        var masked = self
        let redacted = byEndpoint.map { (mask.redact($0.key), $0.value) }
        masked.byEndpoint = Dictionary(redacted, uniquingKeysWith: +)
        return masked
    }
}
