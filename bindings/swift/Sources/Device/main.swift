import Foundation
import IdCardTools
import IdCardVerification

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Has each request signed by the app's own backend: this device holds no key, and the backend sees
/// the hash of a request and nothing of the person.
final class Backend: RemoteSigner {
    private struct Answer: Decodable {
        let authorization: String
        let token: String?
        let timestamp: UInt64?
    }

    private let url: URL
    private let session: String

    init(url: URL, session: String) {
        self.url = url
        self.session = session
    }

    func sign(request: SigningRequest) async throws -> RemoteSignature {
        var asked = URLRequest(url: url)
        asked.httpMethod = "POST"
        asked.setValue("application/json", forHTTPHeaderField: "Content-Type")
        asked.setValue("Bearer \(session)", forHTTPHeaderField: "Authorization")
        let fields: [String: Any] = [
            "host": request.host, "service": request.service, "action": request.action,
            "version": request.version, "timestamp": request.timestamp,
            "content_type": request.contentType, "payload_sha256": request.payloadSha256,
        ]
        asked.httpBody = try JSONSerialization.data(withJSONObject: fields)
        guard let (data, response) = try? await URLSession.shared.data(for: asked),
            (response as? HTTPURLResponse)?.statusCode == 200,
            let answer = try? JSONDecoder().decode(Answer.self, from: data)
        else {
            throw SignerError.Unavailable(reason: "the backend gave no signature")
        }
        return RemoteSignature(
            authorization: answer.authorization, token: answer.token, timestamp: answer.timestamp)
    }
}

// Against the sandbox inside the library, which plays the backend too. In an app: your own backend,
// the session of its user, and no `endpoint`.
let sandbox = try EmbeddedSandbox()
let backend = Backend(url: URL(string: "\(sandbox.url())/sandbox/sign/AKIDSANDBOX")!, session: "of-the-user")
let client = try Client(
    config: ClientConfig(
        site: .international, auth: .remoteSigner(backend), endpoint: sandbox.url(),
        transport: URLSessionTransport()))
let answer = try await client.verify(idNumber: "440305199505132561", name: "Liu Yang")
print("device: \(answer.verdict), \(answer.charge)")
sandbox.stop()
