"""Model boards: models compared on benchmark datasets."""
