"""The HTTP API: parse, call one service or query, render."""
