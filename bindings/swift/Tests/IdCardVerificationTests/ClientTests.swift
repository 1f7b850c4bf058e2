import Foundation
import IdCardTools
import IdCardVerification
import XCTest

/// What is Swift's own: cancelling, printing, panics, leaks.
final class ClientTests: XCTestCase {
    private let match = Sandbox.shared.person("result:0")
    private let hang = Sandbox.shared.person("fault:hang")

    func testResultsAreValues() async throws {
        let client = try Sandbox.shared.client()
        let answer = try await client.verify(idNumber: match.idNumber, name: match.name)
        switch answer.result {
        case .match: break
        case .unknown: XCTFail("a code of tomorrow: \(answer.code)")
        default: XCTFail(answer.result.meaning())
        }
        XCTAssertEqual(answer.result, .match)
        XCTAssertEqual([ResultCode.match: "a match"][answer.result], "a match")
        let person = Sandbox.shared.person("result:-99")
        let tomorrow = try await client.verify(idNumber: person.idNumber, name: person.name)
        XCTAssertEqual(tomorrow.result, .unknown)
        XCTAssertEqual(tomorrow.code, "-99")
    }

    func testWhatAnErrorSaysIsOneLine() async throws {
        let client = try Sandbox.shared.client()
        do {
            _ = try await client.verify(idNumber: "1", name: "")
            XCTFail("the number is malformed")
        } catch let error as IdCardError {
            XCTAssertEqual(error.localizedDescription, "id_number: length is 1, expected 18")
            guard case .InvalidInput(_, let problem) = error else { return XCTFail("\(error)") }
            XCTAssertEqual(problem.kind(), .numberLength)
            XCTAssertEqual(problem, .numberLength(actual: 1))
            XCTAssertEqual("\(problem)", "length is 1, expected 18")
            XCTAssertEqual(error.charge, .notCharged)
            XCTAssertEqual(error.attempts, 0)
            XCTAssertNil(error.requestId)
            XCTAssertEqual(error.retry, .never)
            XCTAssertEqual(error.meaning, "An argument is wrong. Nothing was sent.")
        }
    }

    func testPlainValuesListTheirCases() {
        XCTAssertEqual(Verdict.allCases, [.match, .mismatch, .inconclusive])
        XCTAssertTrue(ResultCode.allCases.contains(.unknown))
        XCTAssertEqual(Set(InputProblemKind.allCases).count, InputProblemKind.allCases.count)
    }

    func testAScenarioRefusesKeysThatItDoesNotKnow() {
        for part: JSON in [["typo": 1], ["call": ["retry": ["typo": 1]]], ["client": ["source": ["typo": 1]]]] {
            XCTAssertThrowsError(try Scenario(part.merging(["name": "mistyped"]) { $1 }))
        }
    }

    func testCancellingByHandleStopsAtOnce() async throws {
        let client = try Sandbox.shared.client()
        let handle = CancelHandle()
        let call = Task {
            try await client.verify(
                idNumber: hang.idNumber, name: hang.name, options: CallOptions(cancel: handle))
        }
        try await Task.sleep(nanoseconds: 200_000_000)
        let begun = Date()
        handle.cancel()
        do {
            _ = try await call.value
            XCTFail("the call was cancelled")
        } catch IdCardError.Cancelled(let sent, let charge, _) {
            XCTAssertTrue(sent)
            XCTAssertEqual(charge, .unknown)
        }
        XCTAssertLessThan(Date().timeIntervalSince(begun), 0.1)
    }

    func testAProviderOfCredentials() async throws {
        final class Provider: CredentialsProvider, @unchecked Sendable {
            var calls = 0

            func provide(refused: Credentials?) async throws -> Credentials {
                calls += 1
                if calls > 1 { throw ProviderError.Unavailable(reason: "the server is asleep") }
                return try Credentials(secretId: secretId, secretKey: secretKey)
            }
        }
        let client = try Client(
            config: ClientConfig(
                site: .international, auth: .provider(Provider()), endpoint: Sandbox.shared.url,
                transport: URLSessionTransport()))
        let answer = try await client.verify(idNumber: match.idNumber, name: match.name)
        XCTAssertEqual(answer.verdict, .match)
        do {
            _ = try await client.verify(idNumber: match.idNumber, name: match.name)
            XCTFail("the provider has no keys")
        } catch IdCardError.Credentials(let detail) {
            XCTAssertEqual(detail, "provider: the server is asleep")
        }
    }

    func testNothingPrintedShowsAPersonOrAKey() throws {
        let echo = Sandbox.shared.person("fault:echo")
        let credentials = try Credentials(secretId: secretId, secretKey: secretKey)
        let config = ClientConfig(site: .mainland, auth: .keys(credentials))
        let client = try Sandbox.shared.client()
        var printed = ["\(config)", "\(normalizeName(name: echo.name))", "\(client)"]
        printed.append("\(try client.verifyBlocking(idNumber: match.idNumber, name: match.name))")
        for number in [echo.idNumber, echo.idNumber.dropLast() + "x"] {
            XCTAssertThrowsError(try client.verifyBlocking(idNumber: number, name: echo.name)) { error in
                printed += ["\(error)", error.localizedDescription, String(reflecting: error)]
            }
        }
        for text in printed {
            for canary in [echo.name, echo.idNumber, secretKey] {
                XCTAssertFalse(text.contains(canary), text)
            }
        }
    }

    func testANumberOfFifteenDigitsIsCarriedAndNotShown() throws {
        XCTAssertThrowsError(try checkIdNumber(idNumber: "001000900101001")) { error in
            guard case IdCardError.InvalidInput(_, let problem) = error,
                case .fifteenDigits(let number) = problem
            else { return XCTFail("\(error)") }
            XCTAssertEqual(number, "001000199001010019")
            for text in ["\(problem)", String(reflecting: problem), "\(error)", String(reflecting: error)] {
                XCTAssertFalse(text.contains(number), text)
            }
        }
    }

    func testAPanicIsAnError() {
        // A function that cannot fail traps in Swift when the library panics, so the process is
        // asked through one that can.
        XCTAssertThrowsError(try panicOnRequest(really: true)) { error in
            XCTAssertTrue("\(error)".contains("on purpose"), "\(error)")
        }
        XCTAssertEqual(expectedCheckDigit(first17: "11204416541220243"), "4")
    }

    func testCallsLeakNothing() async throws {
        guard FileManager.default.fileExists(atPath: "/proc/self/status") else { return }
        func run(_ count: Int) async throws -> (memory: Int, files: Int) {
            let client = try Sandbox.shared.client()
            for _ in 0..<count {
                _ = try client.verifyBlocking(idNumber: match.idNumber, name: match.name)
                _ = try await client.verify(idNumber: match.idNumber, name: match.name)
            }
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") }!
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            return (Int(line.filter(\.isNumber))!, files)
        }
        _ = try await run(1_000)
        let before = try await run(1_000)
        let after = try await run(5_000)
        XCTAssertLessThan(after.memory - before.memory, 8 * 1024)
        // A connection of the client before may still be closing.
        XCTAssertLessThanOrEqual(after.files, before.files + 8)
    }
}
