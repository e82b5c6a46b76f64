"""How much one text resembles another: functions of two texts, without NumPy."""
