import IdCardVerification

/// A provider of credentials that behaves as the scenario says.
final class HostProvider: CredentialsProvider {
    private let behaviour: String
    private let account: String

    init(_ behaviour: String, _ account: String) {
        self.behaviour = behaviour
        self.account = account
    }

    func provide(refused: Credentials?) async throws -> Credentials {
        switch behaviour {
        case "fails": throw ProviderError.Unavailable(reason: "the server is asleep")
        case "throw": throw Canary()
        case "hang": try await Task.sleep(nanoseconds: 60_000_000_000)
        default: break
        }
        let isGood = behaviour == "fresh" || (behaviour == "refreshes" && refused != nil)
        return try Credentials(
            secretId: account, secretKey: secretKey, token: isGood ? "sandbox-token" : "expired-token")
    }
}
