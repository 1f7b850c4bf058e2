"""The command `idcard-verify`, where its package is installed."""

from __future__ import annotations

import sys

FAULT = 70
"""The exit code of a fault of the program, as `sysexits.h` has it."""


def main() -> int:
    """Run the command with the arguments of this process."""
    try:
        from idcard_verification_tools.__main__ import main as command
    except ImportError:
        print(
            "error: the command is in another package: pip install idcard-verification-tools",
            file=sys.stderr,
        )
        return FAULT
    return command()


if __name__ == "__main__":
    sys.exit(main())
