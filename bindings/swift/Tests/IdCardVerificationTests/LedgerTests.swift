import Foundation
import IdCardVerification
import XCTest

/// A ledger: what was charged is asked once, what is open is not sent, and what fails sends nothing.
final class LedgerTests: XCTestCase {
    private let key = Data("an invented key of a ledger".utf8)
    private let match = Sandbox.shared.person("result:0")

    private func client(_ account: String, _ ledger: Ledger?) throws -> Client {
        try Client(
            config: ClientConfig(
                site: .international,
                auth: .keys(
                    Credentials(secretId: "\(secretId)-swift-ledger-\(account)", secretKey: secretKey)),
                endpoint: Sandbox.shared.url, retry: RetryPolicy(maxAttempts: 1), requestsPerSecond: 0,
                ledger: ledger.map { LedgerConfig(ledger: $0, key: key) }))
    }

    private func charged(_ account: String) throws -> Int? {
        try Sandbox.shared.ledger("\(secretId)-swift-ledger-\(account)")["charged"] as? Int
    }

    private func verify(_ client: Client, _ person: Person? = nil, fresh: Bool = false) async throws -> Verification {
        let person = person ?? match
        return try await client.verify(
            idNumber: person.idNumber, name: person.name, options: CallOptions(fresh: fresh))
    }

    private struct WasMade: Error {}

    /// What a call is refused with by its ledger.
    private func refusal(_ client: Client) async throws -> (problem: LedgerProblem, detail: String?, error: IdCardError) {
        do {
            _ = try await verify(client)
        } catch let error as IdCardError {
            if case .Ledger(let problem, let detail) = error { return (problem, detail, error) }
            throw error
        }
        throw WasMade()
    }

    /// One of an application.
    private actor InAMap: Ledger {
        private var owners: [String: String] = [:]
        private(set) var outcomes: [String: LedgerOutcome] = [:]

        func claim(claim: LedgerClaim) throws -> ClaimState {
            if let outcome = outcomes[claim.key] { return .settled(outcome: outcome) }
            let owner = owners[claim.key] ?? claim.owner
            owners[claim.key] = owner
            return owner == claim.owner ? .mine : .open
        }

        func settle(claim: LedgerClaim, outcome: LedgerOutcome) throws {
            if owners[claim.key] != claim.owner { throw LedgerError.NotTheOwner }
            switch outcome.charge {
            case .charged: outcomes[claim.key] = outcome
            case .notCharged: owners[claim.key] = nil
            case .unknown: break
            }
        }
    }

    private func isAskedOnce(_ account: String, _ ledger: Ledger) async throws {
        let first = try client(account, ledger)
        let second = try client(account, ledger)
        let paid = try await verify(first)
        XCTAssertEqual(paid.charge, .charged)
        let kept = [
            try second.verifyBlocking(idNumber: match.idNumber, name: match.name),
            try await verify(second, fresh: true),
        ]
        for answer in kept {
            XCTAssertEqual(answer.charge, .notCharged)
            XCTAssertEqual(answer.attempts, 0)
            XCTAssertEqual(answer.code, "0")
            XCTAssertEqual(answer.requestId, paid.requestId)
            XCTAssertEqual(answer.origin, .remembered)
        }
        for _ in 0..<2 {
            let free = try await verify(first, Sandbox.shared.person("result:-5"))
            XCTAssertEqual(free.attempts, 1)
        }
        XCTAssertEqual(try charged(account), 1)
    }

    func testWhatWasChargedIsAskedOnceWhoeverAsks() async throws {
        let memory = MemoryLedger()
        try await isAskedOnce("memory", memory)
        XCTAssertEqual(memory.openClaims(), [])
        let own = InAMap()
        try await isAskedOnce("own", own)
        let outcomes = await own.outcomes.values
        XCTAssertEqual(outcomes.map(\.charge), [.charged])
        XCTAssertEqual(outcomes.map(\.result), ["0"])
    }

    func testAnOpenClaimIsNotSentUntilSomebodySaysWhatBecameOfIt() async throws {
        let ledger = MemoryLedger()
        let client = try client("open", ledger)
        try Sandbox.shared.setAccount("\(secretId)-swift-ledger-open", ["next": ["fault:reset"]])
        do {
            _ = try await verify(client)
            XCTFail("the answer got lost")
        } catch let lost as IdCardError {
            XCTAssertEqual(lost.charge, .unknown)
        }
        let refused = try await refusal(client)
        XCTAssertEqual(refused.problem, .openClaim)
        XCTAssertNil(refused.detail)
        XCTAssertEqual(refused.error.charge, .notCharged)
        XCTAssertEqual(refused.error.attempts, 0)
        XCTAssertNil(refused.error.requestId)
        XCTAssertEqual(refused.error.retry, .never)
        XCTAssertEqual(
            refused.error.localizedDescription,
            "ledger: a call of the same is under way, or its charge is unknown")
        XCTAssertTrue(refused.error.meaning.contains("Nothing was sent"))
        XCTAssertEqual(client.stats().requests, 1)
        let open = ledger.openClaims()
        XCTAssertEqual(open.count, 1)
        ledger.release(key: open[0])
        let asked = try await verify(client)
        XCTAssertEqual(asked.charge, .charged)
        // What is settled is not released.
        ledger.release(key: open[0])
        let kept = try await verify(client)
        XCTAssertEqual(kept.origin, .remembered)
        XCTAssertEqual(client.stats().requests, 2)
    }

    private final class Failing: Ledger {
        private let claims: (any Error)?
        private let settles: (any Error)?

        init(claims: (any Error)? = nil, settles: (any Error)? = nil) {
            self.claims = claims
            self.settles = settles
        }

        func claim(claim: LedgerClaim) async throws -> ClaimState {
            if let claims { throw claims }
            return .mine
        }

        func settle(claim: LedgerClaim, outcome: LedgerOutcome) async throws {
            if let settles { throw settles }
        }
    }

    func testALedgerThatThrowsLetsNothingLeave() async throws {
        let cases: [(any Error, String)] = [
            (Canary(), "it threw an exception"),
            (LedgerError.Unavailable(reason: "the disk is full"), "the disk is full"),
        ]
        for (thrown, told) in cases {
            let client = try client("throws", Failing(claims: thrown))
            let refused = try await refusal(client)
            XCTAssertEqual(refused.problem, .unavailable)
            XCTAssertEqual(refused.detail, told)
            XCTAssertEqual(refused.error.retry, .backoff)
            XCTAssertEqual(
                refused.error.localizedDescription, "ledger: it could not be asked: \(told)")
            XCTAssertEqual(client.stats().requests, 0)
        }
    }

    func testAnAnswerThatTheLedgerDoesNotTakeIsTheCallers() async throws {
        for thrown: any Error in [Canary(), LedgerError.Unavailable(reason: "the disk is full")] {
            let answer = try await verify(try client("settles", Failing(settles: thrown)))
            XCTAssertEqual(answer.charge, .charged)
        }
    }

    func testManyAreClaimedInALedgerOfTheirOwn() async throws {
        let people = ["result:0", "result:-1", "result:-5", "result:0"].map(Sandbox.shared.person)
        let ledger = MemoryLedger()
        let client = try client("many", nil)
        let batch = try client.withLedger(config: LedgerConfig(ledger: ledger, key: key))
        for expected in [2, 0] {
            var codes: [String?] = []
            var charged = 0
            for await outcome in batch.verifyMany(people, concurrency: 1) {
                codes.append(try outcome.result.get().code)
                charged += outcome.charge == .charged ? 1 : 0
            }
            XCTAssertEqual(codes, ["0", "-1", "-5", "0"])
            XCTAssertEqual(charged, expected)
        }
        XCTAssertEqual(try charged("many"), 2)
        // Those of the client have none.
        let answer = try await verify(client)
        XCTAssertEqual(answer.charge, .charged)
        let short = LedgerConfig(ledger: ledger, key: Data(count: 15))
        XCTAssertThrowsError(try client.withLedger(config: short)) { error in
            guard case IdCardError.Configuration = error else { return XCTFail("\(error)") }
        }
    }

    func testASettingShowsNoKey() {
        let config = LedgerConfig(ledger: MemoryLedger(), key: key)
        let bytes = key.map(String.init).joined(separator: ", ")
        for text in ["\(config)", String(reflecting: config)] {
            XCTAssertTrue(text.contains("[redacted]"), text)
            XCTAssertFalse(text.contains("invented") || text.contains(bytes), text)
        }
    }
}
