"""Data sets, upload tickets and the blobs behind them."""
