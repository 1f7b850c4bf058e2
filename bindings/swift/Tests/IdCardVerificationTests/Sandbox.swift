import Foundation
import IdCardTools
import IdCardVerification

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

let secretId = "AKIDSANDBOX"
let secretKey = "sandbox-secret-key"

typealias JSON = [String: Any]

/// One sandbox for all tests of this process.
final class Sandbox: @unchecked Sendable {
    static let shared = Sandbox()

    private let server = try! EmbeddedSandbox(requestsPerSecond: 0)
    let url: String
    private var people: [String: Person] = [:]
    private var endpoints: [String: String] = [:]
    /// Keys to encrypt fields with.
    private(set) var encryptionKeys: [String: String] = [:]

    private init() {
        url = server.url()
        endpoints = try! get("/sandbox/endpoints") as! [String: String]
        encryptionKeys = try! get("/sandbox/encryption") as! [String: String]
        let identities = try! get("/sandbox/identities") as! [JSON]
        for identity in identities {
            people[identity["key"] as! String] = Person(
                idNumber: identity["id_number"] as! String, name: identity["name"] as! String)
        }
    }

    /// What the sandbox's list of places has by this name, or the name.
    func endpoint(_ name: String) -> String { endpoints[name] ?? name }

    func person(_ key: String) -> Person { people[key]! }

    func ledger(_ account: String) throws -> JSON {
        try get("/sandbox/ledger?account=\(account)") as! JSON
    }

    func setAccount(_ account: String, _ settings: JSON) throws {
        var request = URLRequest(url: URL(string: "\(url)/sandbox/accounts/\(account)")!)
        request.httpMethod = "PUT"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONSerialization.data(withJSONObject: settings)
        _ = try load(request)
    }

    func client(_ account: String = secretId) throws -> Client {
        try Client(
            config: ClientConfig(
                site: .international,
                auth: .keys(Credentials(secretId: account, secretKey: secretKey)), endpoint: url,
                requestsPerSecond: 0))
    }

    private func get(_ path: String) throws -> Any {
        try JSONSerialization.jsonObject(with: load(URLRequest(url: URL(string: url + path)!)))
    }

    private func load(_ request: URLRequest) throws -> Data {
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var result: Result<Data, Error> = .success(Data())
        URLSession.shared.dataTask(with: request) { data, _, error in
            result = error.map { .failure($0) } ?? .success(data ?? Data())
            done.signal()
        }.resume()
        done.wait()
        return try result.get()
    }
}
