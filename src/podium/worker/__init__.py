"""What takes runs and executes them. Never imports Django, never sees the database."""
