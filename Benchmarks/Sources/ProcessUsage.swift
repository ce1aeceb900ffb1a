import Glibc

/// What this process has used so far.
struct ProcessUsage {
    let cpu: Duration
    let peakMegabytes: Double

    static var current: ProcessUsage {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        // Linux counts the peak in KiB.
        return ProcessUsage(
            cpu: .seconds(seconds) + .microseconds(microseconds), peakMegabytes: Double(usage.ru_maxrss) * 1024 / 1e6)
    }
}
