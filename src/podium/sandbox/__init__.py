"""Run one command in isolation, within limits, and read safely what it wrote."""
