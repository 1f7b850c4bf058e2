"""The command `idcard-verify`, and what `idcard_verification.testing` is made of."""
