"""Pretend that the sandbox failed, to be run again at the site's cost."""

import sys

print("bwrap: execvp x: No such file", file=sys.stderr)
sys.exit(1)
