import Foundation
import IdCardTools
import IdCardVerification
import XCTest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The contract of a transport: the adapter keeps it, and what breaks it is found out.
final class ConformanceTests: XCTestCase {
    func testURLSessionConforms() async {
        let findings = await checkTransport(transport: URLSessionTransport())
        XCTAssertEqual(findings, [])
    }

    /// A configuration that an app has made for other purposes.
    func testURLSessionConformsWhateverTheConfiguration() async {
        let configuration = URLSessionConfiguration.default
        configuration.timeoutIntervalForRequest = 600
        configuration.httpAdditionalHeaders = ["X-Of-The-App": "1", "Content-Type": "text/plain"]
        let findings = await checkTransport(transport: URLSessionTransport(configuration: configuration))
        XCTAssertEqual(findings, [])
    }

    func testATransportThatMakesItUpIsFoundOut() async {
        final class MadeUp: Transport {
            func send(request _: HttpRequest) async throws -> HttpResponse {
                HttpResponse(status: 200, headers: [], body: Data("{}".utf8))
            }
        }
        let findings = await checkTransport(transport: MadeUp())
        XCTAssertTrue(findings.contains { $0.hasPrefix("headers and body: ") }, "\(findings)")
    }
}
