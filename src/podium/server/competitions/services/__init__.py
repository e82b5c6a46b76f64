"""Writing competitions: made by an import, published, joined, decided about, deleted."""
