import Engine
import FoundationEssentials

/// Moments for people, in UTC: readers of one report sit in several zones.
enum MomentText {
    /// `2026-03-01 12:00:00 UTC`
    static func utc(_ date: Date) -> String {
        EventTimestamp.text(from: date).prefix(19).replacing("T", with: " ") + " UTC"
    }
}
