"""Asynchronous routes: long-polls and the bytes of blobs. No SQL here: services are awaited."""
