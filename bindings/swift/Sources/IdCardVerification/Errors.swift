extension IdCardError {
    /// What the failed call cost.
    public var charge: Charge { chargeOfError(error: self) }

    /// How many requests were made.
    public var attempts: UInt32 {
        switch self {
        case .InvalidInput, .Configuration, .Credentials, .Ledger: 0
        case .Network(_, _, _, _, let attempts), .Cancelled(_, _, let attempts),
            .Service(_, _, _, _, _, let attempts), .UnreadableAnswer(_, _, _, _, _, let attempts),
            .Panic(_, let attempts):
            attempts
        }
    }

    /// Identifier of the request, for the vendor's support, where there is one.
    public var requestId: String? {
        switch self {
        case .Service(_, _, _, let requestId, _, _), .UnreadableAnswer(_, _, _, let requestId, _, _): requestId
        default: nil
        }
    }

    /// When the same call may be made again without paying twice.
    public var retry: Retry { retryOfError(error: self) }

    /// What the error means, in English.
    public var meaning: String { meaningOfError(error: self) }
}
