"""Claim a run from the server, fetch its inputs, report what happened."""
