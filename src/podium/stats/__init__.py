"""Intervals, paired tests, rank spread and the ladder: numbers in, numbers out.

Modules that need NumPy or SciPy import them; this file does not, and neither do `results`, `proportions`, `declared`,
`detectable` and `seeds`, which a web process may import.
"""
