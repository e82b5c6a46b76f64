"""Files of references and predictions: CSV, JSON Lines or JSON, with line numbers for whatever is wrong."""
