import Glibc

/// A POSIX thread that runs one function.
package struct DriverThread: Sendable {
    private let id: pthread_t

    /// Starts the thread with all signals blocked, so that the program's handlers receive them and a write to a closed
    /// connection cannot end the process.
    package init(_ body: @escaping @Sendable () -> Void) throws(TransportError) {
        var id = pthread_t()
        let box = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &id, nil,
            { context in
                guard let context else { return nil }
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw TransportError(
                .other, "cannot start a thread: \(String(cString: strerror(code)))", mayHaveBeenProcessed: false)
        }
        self.id = id
    }

    package func join() {
        pthread_join(id, nil)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
