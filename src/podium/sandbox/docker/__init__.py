"""The Docker back end of the sandbox: Docker's engine, podman's, and gVisor as a runtime of either."""

from podium.sandbox.docker.options import DockerOptions
from podium.sandbox.docker.sandbox import DockerSandbox

__all__ = ["DockerOptions", "DockerSandbox"]
