"""The file in which the values of items are kept."""

KEPT = "kept.npz"
