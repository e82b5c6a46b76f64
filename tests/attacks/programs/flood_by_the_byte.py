"""Print single bytes, each with a call of its own."""

import os

while True:
    os.write(1, b"x")
