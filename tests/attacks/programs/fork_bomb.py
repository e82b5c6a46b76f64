"""Fork until it is refused, and say how many there were."""

import os
import time

made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
except OSError as error:
    print("refused", error.errno)
print(made)
