"""Runs every scenario, once awaited and once blocking."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from scenarios import canaries, load, run

from idcard_verification.testing import Sandbox, find_leak


@pytest.mark.parametrize("awaited", [True, False], ids=["async", "blocking"])
@pytest.mark.parametrize("scenario", load(), ids=lambda scenario: scenario["name"])
def test_scenario(
    sandbox: Sandbox,
    scenario: dict[str, Any],
    awaited: bool,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    printed = run(sandbox, scenario, awaited=awaited)
    # `-Wa` and `asyncio`'s debug mode would print here as well.
    for text in [*printed, caplog.text, *capfd.readouterr()]:
        assert find_leak(text, canaries(sandbox, scenario)) is None, text
