import Foundation
import IdCardTools

/// Looks through everything that is printed for what must not be shown.
final class Leaks: @unchecked Sendable {
    private let canaries: [String]
    private let lock = NSLock()
    private var leak: String?

    init(_ canaries: [String]) {
        self.canaries = canaries
    }

    /// The first leak that any look has found.
    var found: String? { lock.withLock { leak } }

    /// Looks at a value in every way in which Swift prints one.
    func look(_ value: Any) {
        var dumped = ""
        dump(value, to: &dumped)
        var texts = [String(describing: value), String(reflecting: value), dumped]
        if let error = value as? Error { texts.append(error.localizedDescription) }
        for text in texts {
            if let leak = findLeak(text: text, canaries: canaries) {
                lock.withLock { self.leak = "\(leak): \(text)" }
            }
        }
    }
}
