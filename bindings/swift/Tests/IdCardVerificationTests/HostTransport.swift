import IdCardVerification

/// Not a kind of failure that the contract of a transport knows.
struct Canary: Error {
    let text = "a canary of the host"
}

/// A transport of an application that behaves as the scenario says.
final class HostTransport: Transport {
    private let behaviour: String
    private let urlSession = URLSessionTransport()

    init(_ behaviour: String) {
        self.behaviour = behaviour
    }

    func send(request: HttpRequest) async throws -> HttpResponse {
        switch behaviour {
        case "pass":
            return try await urlSession.send(request: request)
        case "fail_before":
            throw TransportError.Failed(failure: .connect, sent: false)
        case "fail_after":
            _ = try await urlSession.send(request: request)
            throw TransportError.Failed(failure: .interrupted, sent: true)
        case "too_large":
            throw TransportError.Failed(failure: .answerTooLarge, sent: true)
        case "throw":
            throw Canary()
        case "hang":
            try await Task.sleep(nanoseconds: 60_000_000_000)
            throw Canary()
        default:
            fatalError("unknown behaviour \(behaviour)")
        }
    }
}
