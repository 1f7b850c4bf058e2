package io.github.idcardverification

/** What the failed call cost, whatever the kind of its error. */
val IdCardException.charge: Charge
    get() = chargeOfError(this)

/** What the error says, in one line of English without personal data. */
val IdCardException.text: String
    get() = describeError(this)
