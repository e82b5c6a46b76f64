"""The rules of the domain. Pure Python: no Django, no I/O, no clock (time is an argument)."""
