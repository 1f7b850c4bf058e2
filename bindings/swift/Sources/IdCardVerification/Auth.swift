extension Auth {
    /// Keys that are given.
    public static func keys(_ credentials: Credentials) -> Auth { .keys(credentials: credentials) }

    /// Keys that the application provides for each request.
    public static func provider(_ provider: CredentialsProvider) -> Auth { .provider(provider: provider) }

    /// No keys: the application's own server signs.
    public static func remoteSigner(_ signer: RemoteSigner) -> Auth { .remoteSigner(signer: signer) }

    /// The identity of this pod.
    public static func tkeOidc(_ settings: TkeOidc = TkeOidc()) -> Auth { .tkeOidc(settings: settings) }
}
