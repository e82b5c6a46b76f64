"""The views of model boards."""
