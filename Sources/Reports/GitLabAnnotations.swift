import Engine
import Redaction

/// Links for the page of a GitLab job, in the format of `artifacts:reports:annotations`.
package struct GitLabAnnotations: Encodable, Sendable {
    private struct Annotation: Encodable {
        struct Link: Encodable {
            var label: String
            var url: String
        }

        var externalLink: Link

        private enum CodingKeys: String, CodingKey {
            case externalLink = "external_link"
        }
    }

    private static let maximumLabel = 255

    private let links: [Annotation]

    /// Links to one deployment are listed once, also for several runs.
    package init(_ summaries: [RunSummary]) {
        var links: [Annotation] = []
        for link in summaries.flatMap({ Self.links(of: $0) })
        where !links.contains(where: { $0.externalLink.url == link.url }) {
            links.append(Annotation(externalLink: link))
        }
        self.links = links
    }

    /// Throws `EncodingError`.
    package func pretty() throws -> String { try StableJSON.pretty(self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(links.isEmpty ? [:] : ["LangSmith": links])
    }

    private static func links(of summary: RunSummary) -> [Annotation.Link] {
        let rollouts = summary.hasSeveralRollouts ? summary.rollouts : [summary.main]
        return rollouts.flatMap(links)
    }

    private static func links(of rollout: RolloutSummary) -> [Annotation.Link] {
        let name = rollout.deployment?.name ?? ""
        let sha = rollout.commit?.sha ?? ""
        let known: [(String, WebLink?)] = [
            ("Dashboard of \(name)", WebLink(rollout.deployment?.dashboardURL)),
            ("\(name) (live)", WebLink(rollout.deployment?.url)),
            ("Commit \(sha.prefix(7))", WebLink(commit: sha, of: rollout.commit?.remoteURL)),
        ]
        let clean = TextSanitizer(escapesCICommands: false)
        return known.compactMap { label, link in
            link.map { Annotation.Link(label: clean.line(String(label.prefix(maximumLabel))), url: $0.address) }
        }
    }
}
