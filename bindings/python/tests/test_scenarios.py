"""Runs every scenario, once awaited and once blocking."""

from __future__ import annotations

from typing import Any

import pytest
from scenarios import load, run

from idcard_verification.testing import Sandbox


@pytest.mark.parametrize("awaited", [True, False], ids=["async", "blocking"])
@pytest.mark.parametrize("scenario", load(), ids=lambda scenario: scenario["name"])
def test_scenario(sandbox: Sandbox, scenario: dict[str, Any], awaited: bool) -> None:
    run(sandbox, scenario, awaited=awaited)
