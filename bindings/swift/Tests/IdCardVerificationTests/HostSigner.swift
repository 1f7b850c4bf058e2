import IdCardVerification

/// A remote signer that behaves as the scenario says; it signs with the keys of a backend.
final class HostSigner: RemoteSigner {
    private let behaviour: String
    private let keys: Credentials

    init(_ behaviour: String, _ keys: Credentials) {
        self.behaviour = behaviour
        self.keys = keys
    }

    func sign(request: SigningRequest) async throws -> RemoteSignature {
        switch behaviour {
        case "signs": return try signDigest(credentials: keys, request: request)
        case "fails": throw SignerError.Unavailable(reason: "the server is asleep")
        case "hang": try await Task.sleep(nanoseconds: 60_000_000_000)
        case "forges": return RemoteSignature(authorization: "TC3\r\nX-Forged: 1")
        default: break
        }
        throw Canary()
    }
}
