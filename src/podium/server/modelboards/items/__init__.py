"""Files with one entry per item, of which any part can be read without the rest."""
