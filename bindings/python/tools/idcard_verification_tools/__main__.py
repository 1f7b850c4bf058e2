"""The command `idcard-verify`."""

from __future__ import annotations

import os
import signal
import sys

FAULT = 70
"""The exit code of a fault of the program, as `sysexits.h` has it. Python's own is 1."""
INTERRUPTED = 130


def main() -> int:
    """Run the command with the arguments of this process."""
    try:
        # Python's own handler would wait for the library to return.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        from ._native import idcard_tools as tools

        arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
        return tools.run_command([b"idcard-verify", *arguments])
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        print(
            f"error: the native library cannot be loaded: {ascii(str(error))[1:-1]}",
            file=sys.stderr,
        )
    except Exception as error:
        # Its words may hold an argument.
        print(f"error: {type(error).__name__}; please report it", file=sys.stderr)
    return FAULT


if __name__ == "__main__":
    sys.exit(main())
