extension Character {
    /// The number of terminal columns it takes: two for East Asian wide forms and emoji (Unicode UAX #11), none for
    /// combining marks.
    var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        let isEmoji = first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}")
        return isEmoji || Self.wideScalars.contains { $0.contains(first.value) } ? 2 : 1
    }

    private static let wideScalars: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1F9FF, 0x20000...0x3FFFD,
    ]
}

extension String {
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text cut to at most `columns` columns, with an `ellipsis` where that has room.
    func cut(toColumns columns: Int, ellipsis: String) -> String {
        guard self.columns > columns else { return self }
        let mark = ellipsis.columns < columns ? ellipsis : ""
        var room = columns - mark.columns
        let kept = prefix { character in
            room -= character.columns
            return room >= 0
        }
        return kept + mark
    }
}
