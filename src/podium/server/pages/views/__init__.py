"""The views: parse, ask one query or service, render."""
