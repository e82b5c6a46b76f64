"""The routes that Codabench's clients and workers know."""
