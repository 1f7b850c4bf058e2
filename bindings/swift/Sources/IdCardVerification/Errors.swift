extension IdCardError {
    /// What the failed call cost, whatever the kind of the error.
    public var charge: Charge { chargeOfError(error: self) }

    /// What the error says, in one line of English without personal data.
    public var text: String { describeError(error: self) }
}
