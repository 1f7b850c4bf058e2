import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import IdCardVerification
import XCTest

/// A whole call against `URLSession` posting as many bytes to the same sandbox, in the same run.
///
/// The sandbox is a process of its own, so that its work does not count. All take turns, so that what
/// disturbs one disturbs the others. Figures are CPU and wall time per call, and their ratio to the
/// first. The tests skip it; `cargo make bench-swift` runs it.
final class WholeCallBench: XCTestCase {
    private let rounds = 11
    private let calls = 400
    private let inFlight = 40

    func testCompare() async throws {
        let url = try XCTUnwrap(ProcessInfo.processInfo.environment["BENCH_URL"], "BENCH_URL: a sandbox")
        let sandbox = try XCTUnwrap(URL(string: url))
        let list = try Data(contentsOf: sandbox.appendingPathComponent("sandbox/identities"))
        let people = try XCTUnwrap(JSONSerialization.jsonObject(with: list) as? [[String: Any]])
        let person = try XCTUnwrap(people.first { $0["key"] as? String == "result:0" })
        let number = try XCTUnwrap(person["id_number"] as? String)
        let name = try XCTUnwrap(person["name"] as? String)
        let client = try Client(
            config: ClientConfig(
                site: .international,
                auth: .keys(Credentials(secretId: "AKIDSANDBOX", secretKey: "sandbox-secret-key")),
                endpoint: url,
                requestsPerSecond: 1_000_000,
                singleFlight: false))
        var request = URLRequest(url: sandbox)
        request.httpMethod = "POST"
        request.setValue("application/json; charset=utf-8", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data("{\"IdCard\":\"\(number)\",\"Name\":\"\(name)\"}".utf8)
        let bare = request

        func tasks(_ count: Int) async throws {
            let each = calls / count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        for _ in 0..<each { _ = try await client.verify(idNumber: number, name: name) }
                    }
                }
                try await group.waitForAll()
            }
        }
        func blocking() throws {
            for _ in 0..<calls { _ = try client.verifyBlocking(idNumber: number, name: name) }
        }
        let ways: [(String, () async throws -> Void)] = [
            ("URLSession", { for _ in 0..<self.calls { _ = try await URLSession.shared.data(for: bare) } }),
            ("verifyBlocking", { try blocking() }),
            ("verify", { try await tasks(1) }),
            ("verify, \(inFlight) at a time", { try await tasks(self.inFlight) }),
        ]
        var figures = ways.map { _ in [(cpu: Double, wall: Double)]() }
        for turn in 0...rounds {
            for (index, way) in ways.enumerated() {
                let (cpu, wall) = (clock(), DispatchTime.now().uptimeNanoseconds)
                try await way.1()
                let took = (
                    cpu: Double(clock() - cpu) / Double(CLOCKS_PER_SEC) * 1e6,
                    wall: Double(DispatchTime.now().uptimeNanoseconds - wall) / 1e3
                )
                // The first round warms up.
                if turn > 0 { figures[index].append(took) }
            }
        }
        func median(_ values: [Double]) -> Double { values.sorted()[rounds / 2] / Double(calls) }
        let base = (cpu: median(figures[0].map(\.cpu)), wall: median(figures[0].map(\.wall)))
        for (way, measured) in zip(ways, figures) {
            let (cpu, wall) = (median(measured.map(\.cpu)), median(measured.map(\.wall)))
            print(
                way.0.padding(toLength: 24, withPad: " ", startingAt: 0),
                String(
                    format: "%7.1f us CPU (%.3f), %7.1f us (%.3f)", cpu, cpu / base.cpu, wall, wall / base.wall))
        }
    }
}
