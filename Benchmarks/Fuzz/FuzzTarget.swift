import Foundation
import Synchronization

/// Something that reads text from outside.
struct FuzzTarget: Sendable {
    /// Reads the input as the program does. Throws `BrokenPromise` when the outcome is wrong; a trap is one anyway.
    typealias Check = @Sendable (_ input: [UInt8]) throws -> Void

    let name: String
    /// Valid inputs.
    let seeds: [[UInt8]]
    let check: Check

    init(_ name: String, seeds: [String], check: @escaping Check) {
        self.init(name, bytes: seeds.map { Array($0.utf8) }, check: check)
    }

    init(_ name: String, bytes: [[UInt8]], check: @escaping Check) {
        self.name = name
        seeds = bytes
        self.check = check
    }

    static let all = api + http + texts + repository + workflows + plane
}

/// A property that an input breaks.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

func expect(_ condition: Bool, _ promise: @autoclosure () -> String) throws {
    if !condition { throw BrokenPromise(promise()) }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
    var data: Data { Data(self) }

    /// The lines, for targets that read several texts.
    func lines(_ count: Int) -> [String] {
        let lines = split(separator: UInt8(ascii: "\n"), maxSplits: count - 1, omittingEmptySubsequences: false)
        return (0..<count).map { $0 < lines.count ? String(decoding: lines[$0], as: UTF8.self) : "" }
    }
}

/// Waits for an asynchronous call, as the targets are functions that libFuzzer calls.
func blocking<Value: Sendable>(_ call: @escaping @Sendable () async -> Value) -> Value {
    let (thread, result) = (CallingThread(), Box<Value>())
    Task(executorPreference: thread) { result.value = await call() }
    while true {
        thread.run()
        if let value = result.value { return value }
        thread.wait()
    }
}

/// Runs tasks on the thread that waits for them: a change of threads takes longer than most calls.
private final class CallingThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let added = DispatchSemaphore(value: 0)

    func wait() { added.wait() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        added.signal()
    }

    func run() {
        while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

private final class Box<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    var value: Value? {
        get { stored.withLock(\.self) }
        set { stored.withLock { $0 = newValue } }
    }
}
