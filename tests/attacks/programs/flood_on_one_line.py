"""Print without end and without the end of a line, on the other stream."""

import sys

while True:
    sys.stderr.write("x" * 4000)
