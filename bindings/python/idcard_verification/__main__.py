"""The command `idcard-verify`."""

from __future__ import annotations

import signal
import sys

from ._bridge import tools


def main() -> int:
    """Run the command with the arguments of this process."""
    # Python's own handler would wait for the library to return.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return tools.run_command(["idcard-verify", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
