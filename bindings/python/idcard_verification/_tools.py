"""The tools for tests, which are a package of their own."""

from __future__ import annotations

from ._bridge import make_safe

try:
    from idcard_verification_tools._native import idcard_tools as tools
except ImportError as error:
    raise ImportError(
        "idcard_verification.testing needs another package: pip install idcard-verification-tools"
    ) from error

make_safe(tools)

__all__ = ["tools"]
