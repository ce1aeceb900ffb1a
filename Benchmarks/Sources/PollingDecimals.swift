/// Numbers with a fixed count of decimal places.
enum Decimals {
    static func text(_ number: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((number * Double(scale)).rounded())
        guard places > 0 else { return "\(scaled)" }
        return "\(scaled / scale)." + "\(scaled % scale + scale)".dropFirst()
    }
}
