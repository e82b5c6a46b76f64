"""Run a command as if somebody sat before it: its output goes to a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping


def at_a_terminal(arguments: list[str], environment: Mapping[str, str]) -> str:
    """All that `podium ARGUMENTS` sends to its terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "podium", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environment)) as process:
        os.close(theirs)
        received = b""
        # The terminal ends with an error when nobody writes to it any more.
        try:
            while chunk := os.read(ours, 1 << 16):
                received += chunk
        except OSError:
            pass
        process.wait(60)
    os.close(ours)
    # What a terminal adds itself to the end of a line.
    return received.decode("utf-8", "replace").replace("\r\n", "\n")
