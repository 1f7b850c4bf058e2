import Foundation
import IdCardVerification
import XCTest

/// What apps do to a client: cancel tasks, pass times that cannot be, let go of things in the middle.
final class AppTests: XCTestCase {
    private let match = Sandbox.shared.person("result:0")
    private let hang = Sandbox.shared.person("fault:hang")

    func testCancellingATaskEndsTheCallAtOnceAndTellsItsCharge() async throws {
        let client = try Sandbox.shared.client()
        let call = Task { try await client.verify(idNumber: hang.idNumber, name: hang.name) }
        try await Task.sleep(nanoseconds: 200_000_000)
        let begun = Date()
        call.cancel()
        do {
            _ = try await call.value
            XCTFail("the task was cancelled")
        } catch IdCardError.Cancelled(let sent, let charge, let attempts) {
            XCTAssertTrue(sent)
            XCTAssertEqual(charge, .unknown)
            XCTAssertEqual(attempts, 1)
        }
        XCTAssertLessThan(Date().timeIntervalSince(begun), 0.2)
        let stats = client.stats()
        XCTAssertEqual([stats.calls, stats.unknown, stats.abandoned], [1, 1, 1])
    }

    func testATaskThatIsCancelledBeforeItCallsSendsNothing() async throws {
        let account = "\(secretId)-swift-cancelled-before"
        let client = try Sandbox.shared.client(account)
        // Another call of this thread, whose charge is not this one's.
        _ = try await client.verify(idNumber: match.idNumber, name: match.name)
        let call = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.verify(idNumber: match.idNumber, name: match.name)
        }
        call.cancel()
        do {
            _ = try await call.value
            XCTFail("the task was cancelled")
        } catch IdCardError.Cancelled(let sent, let charge, let attempts) {
            XCTAssertFalse(sent)
            XCTAssertEqual(charge, .notCharged)
            XCTAssertEqual(attempts, 0)
        }
        XCTAssertEqual(try Sandbox.shared.ledger(account)["charged"] as? Int, 1)
    }

    func testARaceInATaskGroupEndsWithItsWinner() async throws {
        let client = try Sandbox.shared.client()
        let begun = Date()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await client.verify(idNumber: self.hang.idNumber, name: self.hang.name) }
            group.addTask { try? await Task.sleep(nanoseconds: 200_000_000) }
            await group.next()
            group.cancelAll()
        }
        XCTAssertLessThan(Date().timeIntervalSince(begun), 1)
    }

    func testManyCancelledCallsAreAllAccountedFor() async throws {
        let client = try Sandbox.shared.client("\(secretId)-swift-many-cancelled")
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let call = Task {
                        try await client.verify(
                            idNumber: self.match.idNumber, name: self.match.name,
                            options: CallOptions(fresh: true))
                    }
                    try? await Task.sleep(nanoseconds: UInt64(index % 20) * 100_000)
                    call.cancel()
                    _ = await call.result
                }
            }
        }
        let stats = client.stats()
        XCTAssertEqual(stats.calls, stats.charged + stats.notCharged + stats.unknown)
        XCTAssertLessThanOrEqual(stats.calls, 200)
    }

    func testATimeThatCannotBeIsAConfigurationError() async throws {
        let client = try Sandbox.shared.client()
        let times: [TimeInterval] = [-1, -0.000_1, .nan, .infinity, -.infinity, 1e300, 1e12, 0, 1e-12]
        for time in times {
            do {
                _ = try await client.verify(
                    idNumber: match.idNumber, name: match.name, options: CallOptions(timeout: time))
                XCTFail("\(time)")
            } catch IdCardError.Configuration {
            }
            let keys = try Credentials(secretId: secretId, secretKey: secretKey)
            XCTAssertThrowsError(
                try Client(config: ClientConfig(site: .mainland, auth: .keys(keys), timeout: time)), "\(time)")
        }
        XCTAssertEqual(client.stats().requests, 0)
    }

    func testLettingGoAtRandomMomentsIsSafe() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    var client: Client? = try? Sandbox.shared.client()
                    var handle: CancelHandle? = CancelHandle()
                    let options = CallOptions(cancel: handle, fresh: true)
                    let call = Task { [client] in
                        _ = try? await client?.verify(
                            idNumber: self.match.idNumber, name: self.match.name, options: options)
                    }
                    try? await Task.sleep(nanoseconds: UInt64.random(in: 0..<2_000_000))
                    handle?.cancel()
                    client = nil
                    handle = nil
                    await call.value
                }
            }
        }
    }
}
