"""Durable jobs with lease, fencing token and attempts; the workers that take them."""
