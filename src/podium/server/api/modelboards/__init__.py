"""The API of model boards: the routes that existing clients know, in the two envelopes that they read."""
