import Foundation
import IdCardVerification
import XCTest

/// Many people at a time: in order, bounded, and nothing that is paid is lost.
final class ManyTests: XCTestCase {
    private let keys = ["result:0", "fault:slow", "result:-1", "error:InternalError", "result:0"]

    private func client(_ account: String) throws -> Client {
        let keys = try Credentials(secretId: "\(secretId)-swift-many-\(account)", secretKey: secretKey)
        return try Client(
            config: ClientConfig(
                site: .international, auth: .keys(keys), endpoint: Sandbox.shared.url, timeout: 5,
                requestsPerSecond: 0, singleFlight: false))
    }

    private func word(_ outcome: Outcome) -> String {
        switch outcome.result {
        case .success(let answer): answer.code
        case .failure(.Service(_, _, let code, _, _, _)): code
        case .failure(.InvalidInput): "invalid"
        case .failure(let error): "\(error)"
        }
    }

    func testOutcomesComeInOrderAndAnErrorEndsItsOwnCall() async throws {
        let client = try client("ordered")
        let people = [Person(idNumber: "1", name: "a")] + keys.map(Sandbox.shared.person)
        var outcomes: [Outcome] = []
        for await outcome in client.verifyMany(people) { outcomes.append(outcome) }
        XCTAssertEqual(outcomes.map(word), ["invalid", "0", "0", "-1", "InternalError", "0"])
        XCTAssertEqual(outcomes.map(\.index), Array(0..<6))
        XCTAssertEqual(client.stats().charged, 4)
        XCTAssertFalse("\(outcomes)".contains(people[1].idNumber))
    }

    func testOutcomesMayComeAsTheyComplete() async throws {
        let client = try client("completed")
        var order: [Int] = []
        for await outcome in client.verifyMany(keys.map(Sandbox.shared.person), ordered: false) {
            order.append(outcome.index)
        }
        XCTAssertEqual(order.last, 1, "\(order)")
        XCTAssertEqual(order.count, keys.count)
    }

    func testTheInputIsReadAsFarAsNeededAndTheRestIsHandedOut() async throws {
        let client = try client("window")
        let endless = repeatElement(Sandbox.shared.person("result:0"), count: .max)
        let outcomes = client.verifyMany(endless, concurrency: 3)
        var taken: [Outcome] = []
        for await outcome in outcomes {
            taken.append(outcome)
            if taken.count == 4 { break }
        }
        let rest = await outcomes.rest()
        XCTAssertLessThanOrEqual(rest.count, 3)
        let all = (taken + rest).map(\.index)
        XCTAssertEqual(all.sorted(), Array(0..<all.count))
        XCTAssertEqual(Int(client.stats().charged), all.count)
    }

    func testACancelledTaskIsToldOfWhatWasUnderWay() async throws {
        let client = try client("cancelled")
        let people = ["fault:hang", "fault:hang", "result:0", "result:0"].map(Sandbox.shared.person)
        let iterating = Task {
            var outcomes: [Outcome] = []
            for await outcome in client.verifyMany(people, concurrency: 2) { outcomes.append(outcome) }
            return outcomes
        }
        while client.stats().requests < 2 { try await Task.sleep(nanoseconds: 10_000_000) }
        // Until their first bytes have left, too.
        try await Task.sleep(nanoseconds: 500_000_000)
        let begun = Date()
        iterating.cancel()
        let outcomes = await iterating.value
        XCTAssertLessThan(Date().timeIntervalSince(begun), 1)
        XCTAssertEqual(outcomes.map(\.index), [0, 1])
        for outcome in outcomes {
            guard case .failure(.Cancelled) = outcome.result else { return XCTFail("\(outcome)") }
            XCTAssertEqual(outcome.charge, .unknown)
        }
    }
}
