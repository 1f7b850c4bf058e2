"""The tools for tests, which are a package of their own."""

from __future__ import annotations

from ._bridge import make_safe

try:
    from idcard_verification_tools._native import idcard_tools as tools
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "idcard_verification_tools":
        raise
    raise ImportError(
        "idcard_verification.testing needs another package: pip install idcard-verification-tools"
    ) from error
except OSError as error:
    raise ImportError(
        f"idcard-verification-tools: the native library cannot be loaded: {error}"
    ) from error

make_safe(tools)

__all__ = ["tools"]
