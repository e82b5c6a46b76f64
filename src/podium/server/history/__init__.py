"""The event chain: what happened, append-only, each event bound to the one before by its hash."""
