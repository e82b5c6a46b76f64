"""Open files until it is refused."""

import os

made = 0
try:
    while made < 5000:
        os.open("/dev/null", os.O_RDONLY)
        made += 1
except OSError as error:
    print("refused", error.errno)
print(made)
