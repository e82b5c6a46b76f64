"""A competition on this machine alone: what `podium run` is made of. No server, no database."""
