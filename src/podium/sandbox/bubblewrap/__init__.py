"""The bubblewrap back end of the sandbox."""

from podium.sandbox.bubblewrap.sandbox import BubblewrapSandbox

__all__ = ["BubblewrapSandbox"]
