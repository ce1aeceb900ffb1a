import Foundation
import Glibc
import Testing

@testable import CLI

@Suite(.timeLimit(.minutes(1)))
struct OutputWriterTests {
    /// A pipe whose reader decides when it reads.
    private struct Pipe {
        var readEnd: Int32
        var writeEnd: Int32

        init() throws {
            signal(SIGPIPE, SIG_IGN)
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            (readEnd, writeEnd) = (ends[0], ends[1])
        }

        var destination: OutputWriter.Destination {
            .init(descriptor: writeEnd) { "\($0) lines dropped\n" }
        }

        /// What was written up to now and to the end, in lines.
        func read() -> [String] {
            close(writeEnd)
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            var text: [UInt8] = []
            while true {
                let count = Glibc.read(readEnd, &bytes, bytes.count)
                guard count > 0 else { break }
                text += bytes[..<count]
            }
            close(readEnd)
            return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        }

        /// Reads everything on a thread of its own, until the write end is closed.
        func drain() -> DispatchWorkItem {
            let item = DispatchWorkItem { [readEnd] in
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                while Glibc.read(readEnd, &bytes, bytes.count) > 0 {}
            }
            DispatchQueue(label: "reader").async(execute: item)
            return item
        }
    }

    @Test func `text is written in order, whichever its priority`() throws {
        let pipe = try Pipe()
        let writer = OutputWriter()
        for number in 0..<100 {
            writer.write("\(number)\n", to: pipe.destination, number % 3 == 0 ? .result : .progress)
        }
        writer.flush(patience: .seconds(10))
        #expect(pipe.read() == (0..<100).map(String.init))
        #expect(!writer.hasLost(pipe.writeEnd))
    }

    @Test func `a reader that does not read holds up nobody, and learns what was dropped`() throws {
        let pipe = try Pipe()
        let writer = OutputWriter(limit: 1 << 20)
        let line = String(repeating: "x", count: 1023) + "\n"
        for _ in 0..<8192 { writer.write(line, to: pipe.destination, .progress) }
        writer.write("the verdict\n", to: pipe.destination, .message)
        writer.flush(patience: .milliseconds(50))
        #expect(writer.hasLost(pipe.writeEnd))

        // The reader is back: what was kept comes, with a mark in place of the rest.
        let reader = DispatchQueue(label: "reader")
        let lines = OutputLines()
        reader.async { lines.collect(from: pipe.readEnd) }
        writer.write("end\n", to: pipe.destination, .message)
        writer.flush(patience: .seconds(10))
        close(pipe.writeEnd)
        reader.sync {}
        close(pipe.readEnd)
        let all = lines.all
        let marks = all.filter { $0.hasSuffix(" lines dropped") }
        let dropped = marks.compactMap { Int($0.prefix { $0.isNumber }) }.reduce(0, +)
        #expect(dropped > 0)
        #expect(all.count { $0.hasPrefix("x") } + dropped == 8192)
        #expect(all.suffix(2) == ["the verdict", "end"])
    }

    @Test func `a gap without a mark is known as a loss`() throws {
        let pipe = try Pipe()
        let writer = OutputWriter(limit: 1 << 18)
        let line = String(repeating: "x", count: 1023) + "\n"
        for _ in 0..<1024 { writer.write(line, to: .init(descriptor: pipe.writeEnd), .progress) }
        #expect(writer.hasLost(pipe.writeEnd))
        #expect(writer.isBehind)
        let reading = pipe.drain()
        writer.flush(patience: .seconds(10))
        close(pipe.writeEnd)
        reading.wait()
        close(pipe.readEnd)
    }

    @Test func `a result waits for a slow reader, other text gives up on it`() throws {
        let pipe = try Pipe()
        let writer = OutputWriter()
        let report = String(repeating: "x", count: 1 << 20)
        writer.write(report, to: pipe.destination, .result)
        writer.flush(patience: .milliseconds(20), abandonsResults: true)
        #expect(writer.hasLost(pipe.writeEnd))
        let reader = DispatchQueue(label: "reader")
        let lines = OutputLines()
        reader.asyncAfter(deadline: .now() + .milliseconds(200)) { lines.collect(from: pipe.readEnd) }
        writer.flush(patience: .milliseconds(20))
        close(pipe.writeEnd)
        reader.sync {}
        #expect(lines.all == [report])
        close(pipe.readEnd)
    }

    @Test func `a reader that has gone away is no loss`() throws {
        let pipe = try Pipe()
        close(pipe.readEnd)
        let writer = OutputWriter()
        writer.write("text", to: pipe.destination, .result)
        writer.flush(patience: .seconds(10))
        #expect(!writer.hasLost(pipe.writeEnd))
        close(pipe.writeEnd)
    }
}

/// Lines that a reader thread collects.
private final class OutputLines: @unchecked Sendable {
    private let lock = NSLock()
    private var bytes: [UInt8] = []

    func collect(from descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            lock.withLock { bytes += buffer[..<count] }
        }
    }

    var all: [String] {
        lock.withLock { String(decoding: bytes, as: UTF8.self) }.split(separator: "\n").map(String.init)
    }
}
