import IdCardTools
import IdCardVerification

// Against the sandbox inside the library; with an account, leave `endpoint` out and take the keys
// from a provider that asks your own server.
let sandbox = try EmbeddedSandbox()
let credentials = try Credentials(secretId: "AKIDSANDBOX", secretKey: "sandbox-secret-key")
let client = try Client(
    config: ClientConfig(
        site: .international, auth: .keys(credentials), endpoint: sandbox.url(),
        transport: URLSessionTransport()))
let answer = try await client.verify(idNumber: "440305199505132561", name: "Liu Yang")
switch answer.verdict {
case .match: print("the same person, \(answer.charge)")
case .mismatch: print("not the same person, \(answer.charge)")
case .inconclusive: print("no answer: \(answer.result.meaning())")
}
sandbox.stop()
