/// A randomly damaged workflow file; the same for the same seed.
package struct WorkflowMutation {
    private var numbers: SplitMix64

    package init(seed: UInt64) { numbers = SplitMix64(seed: seed) }

    /// One of the originals damaged in a few places, two of them mixed, or random bytes.
    package func bytes(from originals: [[UInt8]]) -> [UInt8] {
        var mutation = self
        return mutation.make(from: originals)
    }

    private mutating func make(from originals: [[UInt8]]) -> [UInt8] {
        guard var bytes = originals.randomElement(using: &numbers), !numbers.chance(0.02) else { return noise() }
        if numbers.chance(0.1), let other = originals.randomElement(using: &numbers) {
            bytes = Array(bytes.prefix(number(0...bytes.count)) + other.suffix(number(0...other.count)))
        }
        for _ in 0..<number(1...8) { damage(&bytes) }
        return bytes
    }

    private mutating func noise() -> [UInt8] {
        (0..<number(0...2000)).map { _ in UInt8.random(in: .min ... .max, using: &numbers) }
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }

    private mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: .min ... .max, using: &numbers)) }
        let place = number(0...(bytes.count - 1))
        let part = place..<min(bytes.count, place + number(1...40))
        switch number(0...7) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &numbers)
        case 1: bytes[place] ^= 1 << UInt8(number(0...7))
        case 2: bytes.removeSubrange(part)
        case 3: bytes.insert(contentsOf: Array(bytes[part]), at: place)
        case 4: bytes.insert(contentsOf: repeated(), at: place)
        case 5: bytes.swapAt(place, number(0...(bytes.count - 1)))
        case 6: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: word(), at: place)
        }
    }

    /// A token of the language in a wrong place.
    private mutating func word() -> [UInt8] {
        let words = [
            "${{ ", " }}", "${{ inputs.x }}", "'", "\"", "&a ", "*a", "<<: ", "!x ", "? ", "- ", ": ", "|\n", ">-\n",
            "---\n",
            "{", "}", "[", "]", "\t", "\r\n", "\u{FEFF}", "\u{2028}", "\0", "#", "%", "@", "`", "needs: ", "steps: ",
            "if: ",
            "jobs:\n", "matrix: ", "0x1F", "1e999", "-0", ".inf", "null", "~", "true", "😀", "\u{301}",
        ]
        return Array((words.randomElement(using: &numbers) ?? "").utf8)
    }

    /// Deep or long repetition.
    private mutating func repeated() -> [UInt8] {
        let word = ["[", "{a: ", "- ", "(", "!", "${{", "x", "a.", "\n", "fromJSON(", "||a", "é"].randomElement(
            using: &numbers)
        return Array(String(repeating: word ?? "x", count: number(1...400)).utf8)
    }
}
