"""Benches to run programs on."""

from tests.sandbox_benches import bench, docker, docker_bench, here, podman, podman_bench, there, unsandboxed

__all__ = ["bench", "docker", "docker_bench", "here", "podman", "podman_bench", "there", "unsandboxed"]
