import ArgumentParser

/// An option's value that is one of a few words.
///
/// Answers for itself what ArgumentParser works out through key paths and collections of each such type, every time the
/// program starts and before it knows whether anybody asked for help: one millisecond of a deploy.
protocol ChoiceArgument: ExpressibleByArgument, CaseIterable, RawRepresentable<String> where AllCases == [Self] {}

extension ChoiceArgument {
    static var allValueStrings: [String] { allCases.map { $0.rawValue } }

    /// The words explain themselves.
    static var allValueDescriptions: [String: String] { [:] }
}
