"""Benches to run programs on."""

from tests.sandbox_benches import bench, here, there

__all__ = ["bench", "here", "there"]
