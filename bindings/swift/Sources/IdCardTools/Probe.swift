import Foundation
import IdCardVerification

/// Runs a transport of the application against the contract: what it does otherwise, each with the name
/// of a case; nothing when it conforms. It takes some seconds and sends nothing elsewhere.
public func checkTransport(transport: Transport) async -> [String] {
    await checkTransport(transport: Probe(transport: transport))
}

/// The same transport, in the types of the tools, which are a library of their own.
private final class Probe: ProbedTransport {
    private let transport: Transport

    init(transport: Transport) {
        self.transport = transport
    }

    func send(request: ProbedRequest) async throws -> ProbedResponse {
        let asked = HttpRequest(
            url: request.url, headers: request.headers.map { HttpHeader(name: $0.name, value: $0.value) },
            body: request.body, timeout: request.timeout, maxResponseBytes: request.maxResponseBytes)
        do {
            let response = try await transport.send(request: asked)
            return ProbedResponse(
                status: response.status,
                headers: response.headers.map { ProbedHeader(name: $0.name, value: $0.value) },
                body: response.body)
        } catch TransportError.Failed(let failure, let sent) {
            throw ProbedError.Failed(failure: failure.probed, sent: sent)
        }
    }
}

extension NetworkFailure {
    fileprivate var probed: ProbedFailure {
        switch self {
        case .connect: .connect
        case .proxy: .proxy
        case .proxyAuthentication: .proxyAuthentication
        case .tls: .tls
        case .timeout: .timeout
        case .interrupted: .interrupted
        case .answerTooLarge: .answerTooLarge
        case .other: .other
        }
    }
}
