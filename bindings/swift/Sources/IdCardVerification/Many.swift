import Foundation

/// A number and a name. It prints neither.
public struct Person: Equatable, Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Identity-card number.
    public let idNumber: String
    /// Name as the identity card has it.
    public let name: String

    public init(idNumber: String, name: String) {
        self.idNumber = idNumber
        self.name = name
    }

    public var description: String { "Person([redacted])" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What came of one person of many.
public struct Outcome: Sendable {
    /// Place in the input, from 0.
    public let index: Int
    /// Who was asked about.
    public let person: Person
    /// The answer, or the error that ended this call and no other.
    public let result: Result<Verification, IdCardError>

    /// What the call cost.
    public var charge: Charge {
        switch result {
        case .success(let answer): answer.charge
        case .failure(let error): error.charge
        }
    }
}

extension Client {
    /// Verifies many people, `concurrency` at a time, and reads the input as far as needed.
    ///
    /// Outcomes come in the order of the people or, unless `ordered`, as the calls complete. An error ends
    /// its own call and no other. What is paid is never lost: when the task that iterates is cancelled, so
    /// are the calls under way as soon as it asks for the next outcome, and their outcomes still come. After a
    /// `break` or an error in the loop, ask for `rest()`: nobody else has what was under way.
    ///
    /// The people are read where the outcomes are made, so a sequence that waits for a disk holds them up.
    public func verifyMany<People: Sequence & Sendable>(
        _ people: People, concurrency: Int = 8, ordered: Bool = true
    ) -> Outcomes where People.Element == Person {
        Outcomes(client: self, people: people, concurrency: max(concurrency, 1), ordered: ordered)
    }
}

/// The outcomes of `Client.verifyMany`. They are iterated once.
public final class Outcomes: AsyncSequence, Sendable {
    public typealias Element = Outcome

    private let run: Run

    fileprivate init<People: Sequence & Sendable>(
        client: Client, people: People, concurrency: Int, ordered: Bool
    ) where People.Element == Person {
        run = Run(client: client, people: people, concurrency: concurrency, ordered: ordered)
    }

    public func makeAsyncIterator() -> Iterator { Iterator(run: run) }

    /// Begins no further call and gives the outcomes that nobody has taken, once those under way are there. In
    /// a task that is cancelled they are cancelled too.
    public func rest() async -> [Outcome] {
        await run.end()
        var rest: [Outcome] = []
        while let outcome = await run.next() { rest.append(outcome) }
        return rest
    }

    /// Iterates over the outcomes.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let run: Run

        public func next() async -> Outcome? { await run.next() }
    }
}

/// One run over the input.
private actor Run {
    private let client: Client
    private let cancel = CancelHandle()
    private let concurrency: Int
    private let ordered: Bool
    private var people: AnyIterator<Person>?
    private var begun = 0
    private var given = 0
    private var underWay = 0
    private var done: [Outcome] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init<People: Sequence & Sendable>(client: Client, people: People, concurrency: Int, ordered: Bool)
    where People.Element == Person {
        self.client = client.cancelledBy(handle: cancel)
        self.concurrency = concurrency
        self.ordered = ordered
        self.people = AnyIterator(people.makeIterator())
    }

    func end() { people = nil }

    func next() async -> Outcome? {
        await withTaskCancellationHandler {
            while true {
                if Task.isCancelled { end() }
                while underWay + done.count < concurrency, let person = people?.next() { begin(person) }
                if let place = done.firstIndex(where: { !ordered || $0.index == given }) {
                    given += 1
                    return done.remove(at: place)
                }
                if underWay == 0 { return nil }
                await withCheckedContinuation { waiting.append($0) }
            }
        } onCancel: {
            cancel.cancel()
        }
    }

    private func begin(_ person: Person) {
        let index = begun
        begun += 1
        underWay += 1
        // Not a child of the task that iterates: its outcome is known whatever becomes of that.
        Task {
            let result: Result<Verification, IdCardError>
            do {
                result = .success(try await client.verify(idNumber: person.idNumber, name: person.name))
            } catch let error as IdCardError {
                result = .failure(error)
            } catch {
                result = .failure(.Panic(charge: .unknown, attempts: 0))
            }
            underWay -= 1
            done.append(Outcome(index: index, person: person, result: result))
            waiting.forEach { $0.resume() }
            waiting = []
        }
    }
}
