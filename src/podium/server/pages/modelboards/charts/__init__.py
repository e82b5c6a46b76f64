"""The charts of a board: each answers one question, which is its title, and has its numbers behind it as a table."""
