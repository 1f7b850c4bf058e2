import XCTest

/// Runs every scenario, once awaited and once blocking.
final class ScenarioTests: XCTestCase {
    func testScenarios() async throws {
        let scenarios = try Scenario.load()
        var passed = 0
        var failed = 0
        for scenario in scenarios {
            for awaited in [true, false] {
                do {
                    try await scenario.run(awaited: awaited)
                    passed += 1
                } catch {
                    failed += 1
                    XCTFail("\(awaited ? "async" : "blocking"): \(scenario.name): \(error)")
                }
            }
        }
        print("swift: \(scenarios.count) scenarios, each awaited and blocking")
        print("swift scenario runs: \(passed) passed, \(failed) failed")
    }
}
