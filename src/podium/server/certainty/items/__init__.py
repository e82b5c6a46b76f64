"""What needs NumPy: reading what items scored, and comparing entries by it. See podium.server.computing."""
