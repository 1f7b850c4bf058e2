"""The contract of a transport: what a transport of the standard library keeps, and what not."""

from __future__ import annotations

import asyncio

from hosts import HostTransport

from idcard_verification.testing import check_transport


def test_a_plain_transport_is_found_out() -> None:
    findings = asyncio.run(check_transport(HostTransport("pass")))
    broken = {finding.partition(":")[0] for finding in findings}
    # It sends what it is given and follows nowhere; it keeps no time, cuts answers off at the
    # limit, and raises what the contract does not know.
    assert {"a slow answer", "size of an answer", "nobody there"} <= broken, findings
    assert not broken & {"headers and body", "answers", "redirects", "no memory"}, findings
