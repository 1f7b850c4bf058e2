"""What the tests share: one sandbox, and the closing lines for all languages together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from idcard_verification.testing import Sandbox
from idcard_verification.testing import sandbox as running_sandbox

pytest.register_assert_rewrite("scenarios")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(requests_per_second=0) as running:
        yield running


def pytest_terminal_summary(terminalreporter: Any) -> None:
    stats = terminalreporter.stats
    count = {name: len(stats.get(name, [])) for name in ("passed", "failed", "error")}
    ran = sum(
        "test_scenario[" in r.nodeid for r in [*stats.get("passed", []), *stats.get("failed", [])]
    )
    failed = count["failed"] + count["error"]
    terminalreporter.write_line(f"python: {ran // 2} scenarios, each awaited and blocking")
    terminalreporter.write_line(f"python tests: {count['passed']} passed, {failed} failed")
