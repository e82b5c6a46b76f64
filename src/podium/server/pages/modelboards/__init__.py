"""Model boards as pages show them."""
