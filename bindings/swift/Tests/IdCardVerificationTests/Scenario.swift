import Foundation
import IdCardVerification

/// Why a scenario failed.
struct Difference: Error, CustomStringConvertible {
    let description: String
}

/// A scenario of `tests/scenarios`, which all languages share.
struct Scenario {
    private static let keys: [String: Set<String>] = [
        "": [
            "name", "account", "client", "call", "function", "given", "within_ms", "expect", "others", "stats",
            "ledger",
        ],
        "client": [
            "secret_id", "secret_id_suffix", "secret_key", "token", "endpoint", "timeout_ms",
            "pool_idle_timeout_ms", "local_check",
            "language", "transport", "provider", "signer", "source", "retry", "requests_per_second",
            "single_flight", "cache_ttl_ms",
            "remember_daily_limits", "proxy", "extra_roots", "encryption",
        ],
        "call": [
            "identity", "id_number", "name", "encryption", "local_check", "timeout_ms", "cancel_after_ms", "repeat",
            "pause_ms", "parallel", "retry", "fresh",
        ],
        "ledger": ["requests", "charged", "credential_requests"],
        "account": ["requests_per_second", "clock_offset_seconds", "next", "credentials"],
        "stats": [
            "calls", "requests", "retries", "charged", "not_charged", "unknown", "shared", "remembered", "latency",
        ],
        "client.retry": retry,
        "call.retry": retry,
        "client.source": ["kind", "role", "token_file", "endpoint"],
        "client.encryption": ["algorithm", "public_key", "fields", "allow_sm4_gcm_nonce_reuse"],
        "call.encryption": ["encrypted_fields", "ciphertext_blob", "iv", "algorithm", "tag_list"],
    ]
    private static let retry: Set<String> = [
        "max_attempts", "base_delay_ms", "max_delay_ms", "retry_unknown_charge",
    ]
    private static let variants: Set<String> = [
        "verdict", "result", "charge", "kind", "error_code", "problem", "failure", "origin", "retry",
    ]

    private static let booleans: Set<String> = ["sent", "request_id"]

    let name: String
    private let json: JSON
    private let client: JSON

    private static var folder: URL {
        let beside = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../../tests/scenarios")
        return ProcessInfo.processInfo.environment["SCENARIOS"].map { URL(fileURLWithPath: $0) } ?? beside.standardized
    }

    /// All scenarios of all files; one that is not understood fails the run.
    static func load() throws -> [Scenario] {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.flatMap { file in
            let scenarios = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as! [JSON]
            return try scenarios.map(Scenario.init)
        }
    }

    init(_ json: JSON) throws {
        self.json = json
        name = json["name"] as! String
        client = json["client"] as? JSON ?? [:]
        for (part, keys) in Self.keys {
            let fields = part.split(separator: ".").reduce(json) { $0[String($1)] as? JSON ?? [:] }
            let unknown = Set(fields.keys).subtracting(keys)
            guard unknown.isEmpty else { throw Difference(description: "\(name): unknown keys \(unknown)") }
        }
    }

    /// Runs it and compares every field of what came of it.
    func run(awaited: Bool) async throws {
        let expect = json["expect"] as! JSON
        if let function = json["function"] as? String {
            return try compare(expect, callFunction(function, json["given"] as! String))
        }
        let call = json["call"] as! JSON
        let mode = awaited ? "async" : "blocking"
        let slug = String(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
        let suffix = client["secret_id_suffix"] as? String ?? ""
        let account = client["secret_id"] as? String ?? "\(secretId)-swift-\(mode)-\(slug)\(suffix)"
        if let settings = json["account"] as? JSON {
            try Sandbox.shared.setAccount(account, settings)
        }
        let leaks = Leaks(canaries(call))
        var outcomes: [JSON] = []
        var took: TimeInterval = 0
        do {
            let config = try config(account)
            leaks.look(config)
            let client = try Client(config: config)
            leaks.look(client)
            for number in 0..<(call["repeat"] as? Int ?? 1) {
                if number > 0, let pause = call["pause_ms"] as? UInt64 {
                    try await Task.sleep(nanoseconds: pause * 1_000_000)
                }
                let begun = Date()
                outcomes = try await self.outcomes(client, call, awaited, leaks)
                took = Date().timeIntervalSince(begun)
            }
            try compare(json["stats"] as? JSON ?? [:], counters(client.stats()))
        } catch let error as IdCardError {
            leaks.look(error)
            outcomes = [describe(error)]
        }
        if let found = leaks.found { throw Difference(description: found) }
        let ofOne = outcomes.firstIndex { folded($0) == folded(expect) } ?? 0
        try compare(expect, outcomes.remove(at: ofOne))
        for outcome in outcomes {
            try compare(json["others"] as? JSON ?? expect, outcome)
        }
        if let limit = json["within_ms"] as? Int, took > Double(limit) / 1000 {
            throw Difference(description: "took \(took) s, longer than \(limit) ms")
        }
        if let expected = json["ledger"] as? JSON {
            var ledger = try Sandbox.shared.ledger(account)
            try compare(["redirects_followed": 0], ledger.filter { $0.key == "redirects_followed" })
            ledger = ledger.filter { expected.keys.contains($0.key) }
            try compare(expected, ledger)
        }
    }

    /// Those counters that the scenario names.
    private func counters(_ stats: ClientStats) -> JSON {
        let all: JSON = [
            "calls": stats.calls, "requests": stats.requests, "retries": stats.retries,
            "charged": stats.charged, "not_charged": stats.notCharged, "unknown": stats.unknown,
            "shared": stats.shared, "remembered": stats.remembered,
            "latency": stats.latency.reduce(0) { $0 + $1.calls },
        ]
        let named = json["stats"] as? JSON ?? [:]
        return all.filter { named.keys.contains($0.key) }
    }

    /// The outcomes of one call, or of as many at once as the scenario says.
    private func outcomes(
        _ client: Client, _ call: JSON, _ awaited: Bool, _ leaks: Leaks
    ) async throws -> [JSON] {
        let person = person(call)
        var handle: CancelHandle?
        if let after = call["cancel_after_ms"] as? Int {
            let made = CancelHandle()
            handle = made
            if after == 0 { made.cancel() }
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(after)) { made.cancel() }
        }
        let options = CallOptions(
            timeout: (call["timeout_ms"] as? Double).map { $0 / 1000 },
            localCheck: call["local_check"] as? Bool, cancel: handle,
            retry: (call["retry"] as? JSON).map(retryPolicy), fresh: call["fresh"] as? Bool ?? false)
        let count = call["parallel"] as? Int ?? 1
        let own = (call["encryption"] as? JSON).map(callerEncryption)
        if awaited {
            return await withTaskGroup(of: JSON.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        do {
                            let answer = try await client.verify(
                                idNumber: person.idNumber, name: person.name, options: options,
                                encryption: own)
                            leaks.look(answer)
                            return describe(answer)
                        } catch {
                            leaks.look(error)
                            return describe(error as! IdCardError)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        let lock = NSLock()
        nonisolated(unsafe) var ended: [JSON] = []
        let done = DispatchGroup()
        for _ in 0..<count {
            done.enter()
            Thread.detachNewThread {
                let outcome: JSON
                do {
                    let answer = try client.verifyBlocking(
                        idNumber: person.idNumber, name: person.name, options: options,
                        encryption: own)
                    leaks.look(answer)
                    outcome = describe(answer)
                } catch {
                    leaks.look(error)
                    outcome = describe(error as! IdCardError)
                }
                lock.withLock { ended.append(outcome) }
                done.leave()
            }
        }
        await withCheckedContinuation { continuation in
            done.notify(queue: .global()) { continuation.resume() }
        }
        return ended
    }

    private func person(_ call: JSON) -> Person {
        (call["identity"] as? String).map(Sandbox.shared.person)
            ?? Person(idNumber: call["id_number"] as! String, name: call["name"] as! String)
    }

    private func canaries(_ call: JSON) -> [String] {
        let person = person(call)
        return [person.idNumber, person.name, secretKey, client["secret_key"] as? String ?? ""]
    }

    private func retryPolicy(_ retry: JSON) -> RetryPolicy {
        let seconds = { (name: String) in (retry[name] as? Double).map { $0 / 1000 } }
        return RetryPolicy(
            maxAttempts: (retry["max_attempts"] as? Int).map(UInt32.init) ?? 3,
            baseDelay: seconds("base_delay_ms"), maxDelay: seconds("max_delay_ms"),
            retryUnknownCharge: retry["retry_unknown_charge"] as? Bool ?? false)
    }

    private func config(_ account: String) throws -> ClientConfig {
        func text(_ key: String) -> String? { client[key] as? String }
        let endpoints = [
            "refused": "http://127.0.0.1:1",
            "tls": Sandbox.shared.url.replacingOccurrences(of: "http:", with: "https:"),
        ]
        let languages: [String: Language] = ["English": .english, "Chinese": .chinese]
        let (provider, signer) = (text("provider"), text("signer"))
        let auth: Auth
        if let provider {
            auth = .provider(HostProvider(provider, account))
        } else if let given = client["source"] as? JSON {
            auth = source(given, account)
        } else {
            let keys = try Credentials(
                secretId: account, secretKey: text("secret_key") ?? secretKey, token: text("token"))
            auth = signer.map { .remoteSigner(HostSigner($0, keys)) } ?? .keys(keys)
        }
        return ClientConfig(
            site: .international,
            auth: auth,
            endpoint: text("endpoint").map { endpoints[$0] ?? Sandbox.shared.endpoint($0) }
                ?? Sandbox.shared.url,
            timeout: (client["timeout_ms"] as? Double).map { $0 / 1000 },
            localCheck: client["local_check"] as? Bool ?? true,
            language: text("language").map { languages[$0]! },
            transport: text("transport").map(HostTransport.init),
            retry: (client["retry"] as? JSON).map(retryPolicy),
            requestsPerSecond: (client["requests_per_second"] as? Int).map(UInt32.init),
            singleFlight: client["single_flight"] as? Bool ?? true,
            cacheTtl: (client["cache_ttl_ms"] as? Double).map { $0 / 1000 },
            rememberDailyLimits: client["remember_daily_limits"] as? Bool ?? true,
            proxy: text("proxy").map(Sandbox.shared.endpoint),
            extraRoots: text("extra_roots").map(Sandbox.shared.endpoint),
            poolIdleTimeout: (client["pool_idle_timeout_ms"] as? Double).map { $0 / 1000 },
            encryption: (client["encryption"] as? JSON).map(fieldEncryption))
    }

    private func source(_ given: JSON, _ account: String) -> Auth {
        func text(_ key: String) -> String? { given[key] as? String }
        let role = text("role") ?? account
        let endpoint = text("endpoint") == "refused" ? "http://127.0.0.1:1" : text("endpoint") ?? Sandbox.shared.url
        switch text("kind") {
        case "cvm_role": return .cvmRole(role: role, endpoint: endpoint)
        case "tke_oidc":
            let file = Self.folder.appendingPathComponent("files/\(text("token_file") ?? "web-identity-token")")
            return .tkeOidc(
                settings: TkeOidc(
                    region: "ap-guangzhou", providerId: "sandbox-provider", tokenFile: file.path,
                    roleArn: "qcs::cam::uin/100:roleName/\(role)", endpoint: endpoint))
        default: fatalError("unknown source")
        }
    }

    private func fieldEncryption(_ settings: JSON) -> FieldEncryption {
        let algorithms: [String: EncryptionAlgorithm] = ["Aes256Cbc": .aes256Cbc, "Sm4Gcm": .sm4Gcm]
        return FieldEncryption(
            algorithm: (settings["algorithm"] as? String).map { algorithms[$0]! },
            publicKey: (settings["public_key"] as? String).map { Sandbox.shared.encryptionKeys[$0] ?? $0 },
            fields: settings["fields"] as? [String],
            allowSm4GcmNonceReuse: settings["allow_sm4_gcm_nonce_reuse"] as? Bool ?? false)
    }

    private func callerEncryption(_ given: JSON) -> Encryption {
        Encryption(
            encryptedFields: given["encrypted_fields"] as! [String],
            ciphertextBlob: given["ciphertext_blob"] as! String, iv: given["iv"] as! String,
            algorithm: given["algorithm"] as? String, tagList: given["tag_list"] as? [String])
    }

    private func compare(_ expected: JSON, _ actual: JSON) throws {
        let (expected, actual) = (folded(expected), folded(actual))
        if expected != actual {
            throw Difference(description: "expected \(expected)\n     got \(actual)")
        }
    }

    /// Fields as text; names of variants without regard to how a language writes them.
    private func folded(_ fields: JSON) -> [String: String] {
        var folded: [String: String] = [:]
        for (name, value) in fields {
            if Self.variants.contains(name) {
                folded[name] = (value as! String).lowercased().filter { $0.isLetter || $0.isNumber }
            } else if Self.booleans.contains(name) {
                // JSON's numbers and booleans are of one class on some systems.
                folded[name] = (value as? Bool ?? (value as! NSNumber).boolValue) ? "true" : "false"
            } else if let objects = value as? [JSON],
                let data = try? JSONSerialization.data(withJSONObject: objects, options: .sortedKeys)
            {
                folded[name] = String(decoding: data, as: UTF8.self)
            } else {
                folded[name] = "\(value)"
            }
        }
        return folded
    }
}

/// Name of a variant, without its fields.
private func variant(_ value: Any) -> String {
    Mirror(reflecting: value).children.first?.label ?? String(describing: value)
}

private func callFunction(_ function: String, _ given: String) -> JSON {
    func described(_ normalized: NormalizedText) -> JSON {
        let changes = normalized.changes.map { change in
            let name = variant(change)
            return name.prefix(1).uppercased() + name.dropFirst()
        }
        let privateUse: [JSON] = normalized.privateUse.map { one in
            ["position": Int(one.position), "code_point": one.codePoint, "standard": one.standard]
        }
        return ["value": normalized.value, "changes": changes, "private_use": privateUse]
    }
    switch function {
    case "normalize_name": return described(normalizeName(name: given))
    case "normalize_id_number": return described(normalizeIdNumber(idNumber: given))
    case "expected_check_digit":
        return ["value": expectedCheckDigit(first17: given) as Any? ?? NSNull()]
    default: fatalError("unknown function \(function)")
    }
}

private func describe(_ answer: Verification) -> JSON {
    var described: JSON = [
        "verdict": variant(answer.verdict), "result": variant(answer.result), "code": answer.code,
        "charge": variant(answer.charge), "attempts": Int(answer.attempts),
        "request_id": !answer.requestId.isEmpty,
    ]
    // Left out when they are as usual.
    if answer.retry != .never { described["retry"] = variant(answer.retry) }
    if answer.origin != .service { described["origin"] = variant(answer.origin) }
    if answer.uncertainAttempts > 0 { described["uncertain_attempts"] = Int(answer.uncertainAttempts) }
    return described
}

/// Without a default: the compiler tells when there is a new kind of error.
private func describe(_ error: IdCardError) -> JSON {
    var described = fields(error)
    described["charge"] = variant(error.charge)
    described["attempts"] = Int(error.attempts)
    if error.retry != .never { described["retry"] = variant(error.retry) }
    return described
}

private func fields(_ error: IdCardError) -> JSON {
    switch error {
    case .InvalidInput(let field, let problem):
        let text = String(error.localizedDescription.dropFirst(field.count + 2))
        return ["error": "invalid_input", "field": field, "problem": variant(problem.kind()), "text": text]
    case .Configuration(let detail):
        return ["error": "configuration", "text": detail]
    case .Credentials(let detail):
        return ["error": "credentials", "text": detail]
    case .Ledger(let problem, _):
        return ["error": "ledger", "problem": variant(problem)]
    case .Network(let failure, _, let sent, _, _):
        return ["error": "network", "failure": variant(failure), "sent": sent]
    case .Cancelled(let sent, _, _):
        return ["error": "cancelled", "sent": sent]
    case .Service(let kind, let errorCode, let code, let requestId, _, _):
        return [
            "error": "service", "kind": variant(kind), "error_code": variant(errorCode), "code": code,
            "request_id": requestId != nil,
        ]
    case .UnreadableAnswer(let problem, let detail, let status, let requestId, _, _):
        return [
            "error": "unreadable_answer", "problem": variant(problem), "detail": detail,
            "http_status": status.map { Int($0) as Any } ?? NSNull(), "request_id": requestId != nil,
        ]
    case .Panic:
        return ["error": "panic"]
    }
}
