// The engine counts milliseconds; Swift has dates and durations.

import Foundation

extension Date {
    /// A wall-clock time as the engine gives it: milliseconds since 1970.
    public init(wallMs: Int64) {
        self.init(timeIntervalSince1970: Double(wallMs) / 1000)
    }

    /// The same, as the engine takes it. What lies beyond its range is the end of the range.
    public var wallMs: Int64 {
        let ms = (timeIntervalSince1970 * 1000).rounded()
        return Int64(exactly: ms) ?? (ms < 0 ? .min : .max)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a wait is never cut short; none for what is negative.
    public var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let perMs: Int64 = 1_000_000_000_000_000
        let part = UInt64((attoseconds + perMs - 1) / perMs)
        let (whole, over) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
        return over ? .max : whole.addingReportingOverflow(part).overflow ? .max : whole + part
    }

    /// So many milliseconds, as the engine gives them.
    public init(wholeMilliseconds: UInt64) {
        self = .milliseconds(Int64(clamping: wholeMilliseconds))
    }
}
