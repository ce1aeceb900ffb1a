import Clocks
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reports
import ServiceLifecycle

/// A region of a page that is kept up to date, by its name in `data-live`.
struct LiveRegion: Sendable, Equatable {
    let name: String
    let content: HTML
}

/// What a page shows now, and whether that will change.
struct LiveState: Sendable {
    var regions: [LiveRegion]
    /// Whether something is under way, so that a look every other second is worth its requests.
    var isMoving = false
    var isFinal = false
}

/// Sends the regions of a page that have changed, as server-sent events.
struct EventStream: Sendable {
    private static let pause = (moving: Duration.seconds(2), still: Duration.seconds(10))
    /// Programs in between close connections on which nothing is sent.
    private static let longestSilence = Duration.seconds(20)

    let clock: any RunClock
    let state: @Sendable () async -> LiveState

    var response: Response {
        let (events, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        let task = Task {
            // Throws only when the reader has gone.
            try? await send { source.yield(ByteBuffer(string: $0)) }
            source.finish()
        }
        source.onTermination = { _ in task.cancel() }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream"],
            body: ResponseBody { writer in
                // A page that stays open must not keep the server running.
                for await event in events.cancelOnGracefulShutdown() { try await writer.write(event) }
                try await writer.finish(nil)
            })
    }

    private func send(_ write: (String) -> Void) async throws {
        var sent: [String: HTML] = [:]
        var written = clock.now
        while true {
            let now = await state()
            let changed = now.regions.filter { sent[$0.name] != $0.content }
            for region in changed {
                sent[region.name] = region.content
                write(Self.event(region.name, region.content.markup))
            }
            if now.isFinal { return write(Self.event("end", "")) }
            let isSilent = written.duration(to: clock.now) >= Self.longestSilence
            if isSilent { write(":\n\n") }
            if isSilent || !changed.isEmpty { written = clock.now }
            try await clock.sleep(for: now.isMoving ? Self.pause.moving : Self.pause.still)
        }
    }

    /// Each line of the data has the field's name before it.
    static func event(_ name: String, _ data: String) -> String {
        let lines = data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return "event: \(name)\n" + lines.map { "data: \($0)\n" }.joined() + "\n"
    }
}
